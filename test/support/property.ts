/**
 * fast-check, with the same cases in every run: a test that fails on the hundredth machine by chance
 * helps nobody. `PORTICO_SEED=random` (or a number) looks for new ones; a failure prints its seed.
 */
import fc from "fast-check";

const wanted = process.env.PORTICO_SEED;
const seed = wanted === undefined ? 20_260_801 : wanted === "random" ? Date.now() : Number(wanted);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export default fc;
