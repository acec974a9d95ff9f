export default {
  rootDir: "..",
  testMatch: ["<rootDir>/test/{unit,contract,golden,scenario,rules,boundaries}/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/test/strip-types.mjs" },
  testEnvironment: "node",
  modulePathIgnorePatterns: ["<rootDir>/.cache"],
};
