/**
 * What the numbers mean by which some providers tell of errors under a good status. The shape that they
 * stand in tells whose they are (`errorBody.ts`), so that they hold for servers of one's own as well.
 * https://platform.minimax.io/docs/api-reference/errorcode
 * https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh
 * https://docs.z.ai/api-reference/api-code (beside `success: false`)
 */
import type { FailureRule } from "./failureRules.ts";

export const NUMBERED_RULES: readonly FailureRule[] = [
  {
    class: "credential",
    codes: [
      "minimax:1004",
      "minimax:2049",
      "baidu:13",
      "baidu:14",
      "baidu:110",
      "baidu:111",
      "zai:1000",
      "zai:1001",
      "zai:1002",
      "zai:1003",
      "zai:1004",
    ],
  },
  { class: "billing", codes: ["minimax:1008", "zai:1113"] },
  { class: "permission", codes: ["baidu:6"] },
  { class: "quota", codes: ["minimax:2056", "baidu:17", "baidu:19", "zai:1304", "zai:1308", "zai:1310"] },
  {
    class: "rate-limit",
    codes: [
      "minimax:1002",
      "minimax:1039",
      "minimax:1041",
      "minimax:2045",
      "baidu:18",
      "baidu:336501",
      "baidu:336502",
      "zai:1302",
      "zai:1303",
    ],
  },
  { class: "overloaded", codes: ["baidu:2", "baidu:4", "baidu:336100", "zai:1305", "zai:1312"] },
  {
    class: "client",
    codes: ["minimax:1026", "minimax:1027", "minimax:1042", "minimax:2013", "baidu:3", "baidu:336003"],
  },
  {
    class: "provider",
    codes: ["minimax:1000", "minimax:1001", "minimax:1024", "minimax:1033", "baidu:1", "baidu:336000"],
  },
];
