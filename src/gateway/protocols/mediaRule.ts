/** Whether a target reads an image or a file from an address itself. */
import type { AudioPart, DocumentPart, ImagePart, VideoPart } from "./chat.ts";

export type Media = ImagePart | DocumentPart | AudioPart | VideoPart;

/**
 * - `url`: the target takes the address (https, at least)
 * - `bytes`: the target takes bytes only, so we fetch them
 * - `none`: the target takes neither; its codec says so
 */
export type MediaRule = "url" | "bytes" | "none";
