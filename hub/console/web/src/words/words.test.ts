// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
}

const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

test("every sentence has its other language, with the same blanks to fill", () => {
  const other = new Map(leaves(en as Tree));
  for (const [key, text] of leaves(zh as Tree)) {
    expect(other.has(key), key).toBe(true);
    expect(blanks(other.get(key) as string), key).toEqual(blanks(text));
  }
  expect(other.size).toBe(leaves(zh as Tree).length);
});

test("Chinese is Chinese, and English is not", () => {
  const worded = ([, text]: [string, string]) => /\p{Letter}/u.test(text.replaceAll(/\{\w+\}/g, ""));
  for (const [key, text] of leaves(zh as Tree).filter(worded)) expect(text, key).toMatch(/\p{Script=Han}/u);
  for (const [key, text] of leaves(en as Tree)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
});
