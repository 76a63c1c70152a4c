// What the peers have in common: saying numbers at a pace, and reporting at the end.

export function speak(count, rate, say) {
  const began = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    while (next < count && next / rate <= (performance.now() - began) / 1000) say(next++);
    if (next === count) clearInterval(timer);
  }, 5);
}

// Told "report" on its standard input, it prints what was heard and ends.
export function report(heard) {
  process.stdin.once("data", () => {
    process.stdout.write(JSON.stringify(heard) + "\n", () => process.exit(0));
  });
}
