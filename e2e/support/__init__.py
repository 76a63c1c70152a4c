"""What the tests stand on: servers that can be killed, browsers, and an eye on what pages complain of."""
