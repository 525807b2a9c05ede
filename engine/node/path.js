// node:path: paths with slashes.

import path from "path-browserify";

path.toNamespacedPath = path._makeLong = (name) => name;
path.posix = path;
// There are no others here.
path.win32 = path;

export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, posix, relative, resolve, sep, toNamespacedPath, win32,
} = path;
export default path;
