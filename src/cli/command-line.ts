import process from "node:process";
import { Command as CommanderCommand, CommanderError, Option } from "commander";
import { naming } from "../modes/request-checks.js";
import { quoteWords } from "../modes/reproduction.js";
import { PROGRAM, readTool } from "../modes/tool.js";
import { InputError } from "../scenario/input-error.js";
import { COMMANDS, type Command, type Invocation } from "./commands.js";
import { EXIT_CODE, type ExitCode } from "./exit-code.js";
import { FLAGS, type Flag, type FlagName, type FlagValues } from "./flags.js";

/**
 * Runs one command line, without the program's name, to its end; what it has to say goes to stdout and stderr.
 *
 * @returns the exit code (exit-code.ts); it never throws
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  const commandLine = quoteWords([PROGRAM, ...words]);
  let code: ExitCode = EXIT_CODE.done;
  const execute = async (command: Command, given: readonly string[], flags: FlagValues): Promise<void> => {
    const invocation: Invocation = { arguments: given, flags, commandLine };
    code = await (await command.load())(invocation);
  };
  try {
    await buildProgram(execute).parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return reportError(error, commandLine);
  }
}

type Execute = (command: Command, given: readonly string[], flags: FlagValues) => Promise<void>;

function buildProgram(execute: Execute): CommanderCommand {
  const program = new CommanderCommand(PROGRAM)
    .description(
      "Simulates CoNDIS address families: how pended closes complete, in which order, and whether the contract holds.",
    )
    .version(readTool().version)
    .exitOverride()
    // Errors are thrown, and said once by reportError.
    .configureOutput({ outputError: () => {} });
  for (const command of COMMANDS) {
    const sub = program.command(command.name).summary(command.summary).description(command.summary);
    for (const { name, help, optional } of command.arguments) sub.argument(optional ? `[${name}]` : `<${name}>`, help);
    for (const flagName of command.flags) sub.addOption(buildOption(flagName));
    sub.action(() => execute(command, sub.args, readFlags(sub, command.flags)));
  }
  return program;
}

function buildOption(name: FlagName): Option {
  const flag: Flag<unknown> = FLAGS[name];
  const word = `--${wordOf(name)}`;
  if (flag.value === null) return new Option(word, flag.help);
  return new Option(`${word} <${flag.value}>`, flag.help).argParser((text: string, earlier: unknown) => {
    const value = naming(word, () => flag.parse(text));
    return flag.repeatable ? [...(Array.isArray(earlier) ? earlier : []), value] : value;
  });
}

function wordOf(name: FlagName): string {
  const flag: Flag<unknown> = FLAGS[name];
  return flag.name ?? name;
}

/** Commander names values in camel case; the table's names are kept here. */
function readFlags(command: CommanderCommand, names: readonly FlagName[]): FlagValues {
  const values = command.opts<Record<string, unknown>>();
  const given = names.map(
    (name) => [name, values[wordOf(name).replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase())]] as const,
  );
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function reportError(error: unknown, commandLine: string): ExitCode {
  if (error instanceof CommanderError) {
    // Help and version were asked for, and are already on stdout.
    if (error.exitCode === 0) return EXIT_CODE.done;
    // Without a command commander has written the help to stderr.
    if (error.code !== "commander.help") say(onOneLine(fromCommander(error.message)));
    return EXIT_CODE.badInput;
  }
  if (error instanceof InputError) {
    say(onOneLine(formatInputError(error)));
    return EXIT_CODE.badInput;
  }
  say(`internal error: ${describeFailure(error)}\nreproduce: ${commandLine}`);
  return EXIT_CODE.internalError;
}

/** The message, and where it came from unless the run itself says what failed. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/^internal error: /, "");
  const frames =
    error.name === "RunFailure" ? [] : (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [message, ...frames].join("\n");
}

/** `error: unknown option '--afz'\n(Did you mean --afs?)` becomes one line of ours. */
function fromCommander(message: string): string {
  return message.replace(/^error: /, "").replace("\n(Did you mean", " (did you mean");
}

function formatInputError({ message, details: { position, suggestion } }: InputError): string {
  const place = position ? `${position.file}:${position.line}:${position.column}: ` : "";
  return `${place}${message}${suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`}`;
}

/** Values and names of files are repeated as they were given, line breaks and what moves a terminal's cursor excepted. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
}

function say(text: string): void {
  process.stderr.write(`${PROGRAM}: ${text}\n`);
}
