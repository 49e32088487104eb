// Counts checks and says how each ended.
export class Results {
  #passed = 0;
  #failed = 0;

  // Runs one check; it fails by throwing. A page that fails one check is still put to the others.
  async check(name, body) {
    try {
      await body();
      this.#passed += 1;
      console.log(`passed  ${name}`);
    } catch (error) {
      this.fail(name, error);
    }
  }

  // What checks need before they can begin: counted, as failed, only if it throws; then there is nothing to return.
  async attempt(name, body) {
    try {
      return await body();
    } catch (error) {
      this.fail(name, error);
      return undefined;
    }
  }

  fail(name, error) {
    this.#failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error?.message ?? error).replaceAll("\n", "\n        ")}`);
  }

  // Prints the last line; true if every check passed.
  finish() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0;
  }
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export function expectNone(list, message) {
  if (list.length > 0) throw new Error(`${message}:\n${list.slice(0, 12).join("\n")}`);
}
