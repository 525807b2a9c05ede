// Deno's console stands on V8. Its classes need from it only the object that is shown in their place.

/** What a class shows of itself: the named properties, under the class's name. */
function createFilteredInspectProxy({ object, keys, evaluate }) {
  const shown = Object.create({ constructor: object.constructor });
  if (!evaluate) return shown;
  for (const key of keys) {
    try {
      shown[key] = object[key];
    } catch {
      // A getter may refuse; the others are worth showing.
    }
  }
  return shown;
}

module.exports = { createFilteredInspectProxy };
