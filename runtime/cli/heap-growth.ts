/**
 * How far the heap grows before all of it is looked at. Left to itself V8 has it grow by a tenth where little is allocated: a
 * process with a hundred events a second was stopped every 5 s for up to 12 ms, and whoever published then waited. With
 * this it may become twice as large as what is in use.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--heap-growing-percent=100");
