// How long to wait before the next try: twice as long after each, up to a bound, and never exactly as long as everybody else.
export class Backoff {
  #tries = 0;

  constructor({ firstMs = 500, mostMs = 10_000, random = Math.random } = {}) {
    Object.assign(this, { firstMs, mostMs, random });
  }

  next() {
    const whole = Math.min(this.mostMs, this.firstMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return whole * (0.75 + 0.5 * this.random());
  }

  reset() {
    this.#tries = 0;
  }
}
