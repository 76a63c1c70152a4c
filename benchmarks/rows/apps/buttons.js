// The buttons of the page: id and text.
export const buttons = [
  ["run", "Create 1,000 rows"],
  ["runlots", "Create 10,000 rows"],
  ["add", "Append 1,000 rows"],
  ["addone", "Append one row"],
  ["update", "Update every 10th row"],
  ["clear", "Clear"],
  ["swaprows", "Swap rows"],
];
