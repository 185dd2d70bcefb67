/** The types of AssemblyScript that the shared constant files in assembly/abi use, as TypeScript sees them. */
declare type u32 = number;
