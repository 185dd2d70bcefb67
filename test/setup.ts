import fc from "fast-check";

// The same cases every time; a failure prints the seed and the path to its counterexample.
fc.configureGlobal({ seed: 20_261_123 });
