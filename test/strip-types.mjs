import { stripTypeScriptTypes } from "node:module";

/** Jest transformer: the same type stripping that Node itself does, so tests run what production runs. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
