/** An explanation of routing as lines for a person. */
import { PROTOCOL_FACTS } from "../../control/protocol.ts";
import type { Considered, Explanation } from "./route.ts";

/** One line per decision, indented by what it belongs to. */
export function describeExplanation(explanation: Explanation): string[] {
  const { model, protocol, route, targets, candidates } = explanation;
  const lines = [
    route === undefined
      ? `"${model}" is named by no route; the catalog decides.`
      : `"${model}" is named by route ${route.index + 1}, "${route.model}" (${route.kind}).`,
  ];
  for (const [index, { name, considered }] of targets.entries()) {
    lines.push(`${index + 1}. ${name}`);
    if (considered.length === 0) lines.push("   no accounts");
    for (const each of considered) lines.push(`   ${describe(each, protocol)}`);
  }
  if (candidates.length === 0) lines.push("Nobody serves it.");
  return lines;
}

function describe(each: Considered, asked: Explanation["protocol"]): string {
  const who = `${each.account.id}: `;
  switch (each.rejected) {
    case "disabled":
      return `${who}is disabled`;
    case "no-endpoint":
      return `${who}has no address`;
    case "not-served":
      return `${who}does not serve "${each.model}"`;
    case "less-certain":
      return `${who}may serve "${each.model}", but the part before the slash already means an account or provider`;
    case undefined: {
      const how =
        each.protocol === asked || each.protocol === undefined
          ? `speaks ${PROTOCOL_FACTS[asked].label}`
          : `translated to ${PROTOCOL_FACTS[each.protocol].label}`;
      const sure = each.serves === "yes" || each.reading !== "name" ? "" : ", not certain to serve it";
      return `${who}"${each.model}", priority ${each.account.priority}, ${how}${sure}`;
    }
  }
}
