from metafor.dom import compiled as _mf
_t0 = _mf.template('<p title="a &amp; b?x=1&amp;copy=2 &quot;q&quot;">&lt;tag&gt; © \xa0|AB &amp;unknown; &amp;lt;</p>', ((0,),), (), (0,))

@_mf.component('A', props=None)
def A(_props):
    return _t0()
