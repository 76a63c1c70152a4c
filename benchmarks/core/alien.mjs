// The cases of cases.py on alien-signals, as the far limit: one round in Node, times in milliseconds as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { signal, computed, effect, effectScope, startBatch, endBatch } = await import(
  pathToFileURL(require.resolve("alien-signals")).href
);

const check = (holds) => {
  if (!holds) throw new Error("wrong result");
};

// What most cases share: a run that writes `times` values on from the present one.
const repeat = (get, put, times, expected, runs, each) => () => {
  runs.count = 0;
  const start = get();
  for (let value = start + 1; value <= start + times; value++) {
    put(value);
    each?.(value);
  }
  check(runs.count === expected);
};
const watch = (read) => {
  const runs = { count: 0 };
  effect(() => {
    read();
    runs.count++;
  });
  return runs;
};
const cell = (value) => {
  const one = signal(value);
  return [() => one(), (next) => one(next)];
};

const cases = {
  deep() {
    const [get, put] = cell(0);
    let last = get;
    for (let i = 0; i < 50; i++) {
      const below = last;
      last = computed(() => below() + 1);
    }
    return repeat(get, put, 500, 500, watch(last), (value) => check(last() === value + 50));
  },
  broad() {
    const [get, put] = cell(0);
    const runs = { count: 0 };
    let last;
    for (let i = 0; i < 50; i++) {
      const first = computed(() => get() + i);
      const second = (last = computed(() => first() + 1));
      effect(() => {
        second();
        runs.count++;
      });
    }
    return repeat(get, put, 50, 50 * 50, runs, (value) => check(last() === value + 50));
  },
  diamond() {
    const [get, put] = cell(0);
    const arms = Array.from({ length: 5 }, () => computed(() => get() + 1));
    const total = computed(() => arms.reduce((sum, arm) => sum + arm(), 0));
    return repeat(get, put, 500, 500, watch(total), (value) => check(total() === (value + 1) * 5));
  },
  triangle() {
    const [get, put] = cell(0);
    const links = [get];
    for (let i = 0; i < 9; i++) {
      const below = links[i];
      links.push(computed(() => below() + 1));
    }
    const total = computed(() => links.reduce((sum, link) => sum + link(), 0));
    return repeat(get, put, 100, 100, watch(total), (value) => check(total() === value * 10 + 45));
  },
  mux() {
    const cells = Array.from({ length: 100 }, () => cell(0));
    const joined = computed(() => cells.map(([get]) => get()));
    const outs = cells.map((_, i) => computed(() => joined()[i]));
    for (const out of outs) effect(() => void out());
    return () => {
      cells.forEach(([get, put], i) => {
        const value = get() + 1;
        put(value);
        check(outs[i]() === value);
      });
    };
  },
  unstable() {
    const [get, put] = cell(0);
    const double = computed(() => get() * 2);
    const inverse = computed(() => -get());
    const current = computed(() => {
      let total = 0;
      for (let i = 0; i < 20; i++) total += get() % 2 ? double() : inverse();
      return total;
    });
    return repeat(get, put, 100, 100, watch(current));
  },
  avoidable() {
    const [get, put] = cell(0);
    const first = computed(() => get());
    let last = computed(() => (first(), 0));
    for (let i = 0; i < 5; i++) {
      const below = last;
      last = computed(() => below() + 1);
    }
    return repeat(get, put, 500, 0, watch(last), () => check(last() === 5));
  },
  "repeated reads"() {
    const [get, put] = cell(0);
    const current = computed(() => {
      let total = 0;
      for (let i = 0; i < 30; i++) total += get();
      return total;
    });
    return repeat(get, put, 200, 200, watch(current), (value) => check(current() === value * 30));
  },
  "fan out"() {
    const [get, put] = cell(0);
    const runs = { count: 0 };
    for (let i = 0; i < 1000; i++)
      effect(() => {
        get();
        runs.count++;
      });
    return repeat(get, put, 10, 10_000, runs);
  },
  batched() {
    const cells = Array.from({ length: 10 }, () => cell(0));
    const total = computed(() => cells.reduce((sum, [get]) => sum + get(), 0));
    const runs = watch(total);
    return () => {
      runs.count = 0;
      for (let i = 0; i < 100; i++) {
        startBatch();
        for (const [get, put] of cells) put(get() + 1);
        endBatch();
      }
      check(runs.count === 100);
    };
  },
  "plain reads"() {
    const [get] = cell(1);
    const memo = computed(() => get() + 1);
    return () => {
      let total = 0;
      for (let i = 0; i < 10_000; i++) total += get() + memo();
      check(total === 30_000);
    };
  },
  "create signals": () => () => check(Array.from({ length: 10_000 }, (_, i) => cell(i)).length === 10_000),
  "create memos"() {
    const [get] = cell(0);
    return () => {
      effectScope(() => {
        const memos = Array.from({ length: 10_000 }, () => computed(() => get() + 1));
        for (const memo of memos) memo();
      })();
    };
  },
  "create effects"() {
    const [get] = cell(0);
    return () => {
      effectScope(() => {
        for (let i = 0; i < 10_000; i++) effect(() => void get());
      })();
    };
  },
};

const times = {};
for (const [name, make] of Object.entries(cases)) {
  const run = make();
  run();
  globalThis.gc?.();
  const start = performance.now();
  run();
  times[name] = performance.now() - start;
}
console.log(JSON.stringify(times));
