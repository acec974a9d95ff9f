import {
  ConstantVariableBuilder,
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { VariableName } from "../panel.ts";
import { labelVariables, namespaceVariable, quantileChoices, type LabelVariable } from "../variable.ts";
import type { RenderOptions } from "./options.ts";
import { source } from "./source.ts";

const everything = { selected: true, text: ["All"], value: ["$__all"] };

function labelVariable({ name, label, description, query, all }: LabelVariable): Builder<VariableModel> {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(source)
    .query({ query, refId: `values of ${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .current(everything);
  return all === undefined ? variable : variable.allValue(all);
}

const quantileVariable = (): Builder<VariableModel> =>
  new CustomVariableBuilder("quantile")
    .label("Quantile")
    .description("Of latencies where only one is shown.")
    .values(quantileChoices.join(","))
    .current({ selected: true, text: quantileChoices[0], value: quantileChoices[0] })
    .options(quantileChoices.map((choice, i) => ({ selected: i === 0, text: choice, value: choice })));

/** The variables of a dashboard: data source and namespace first, the runbook's address hidden. */
export const variablesOf = (
  names: readonly VariableName[],
  { runbookUrl }: RenderOptions,
): Builder<VariableModel>[] => [
  new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
  labelVariable(namespaceVariable),
  ...names.map((name) => (name === "quantile" ? quantileVariable() : labelVariable(labelVariables[name]))),
  new ConstantVariableBuilder("runbook").description("Where docs/runbook.md is served.").value(runbookUrl),
];
