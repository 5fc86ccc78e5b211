// Asks for the time.

export function time() {
  return Math.floor(Date.now() / 1000);
}

// The engine takes a number for a u64, and ends on a BigInt.
export function wrongTime() {
  return BigInt(time());
}
