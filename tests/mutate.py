#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks policy/ in small ways, one at a time, and says which of them no test
of policy/ notices.

A mutant is one change of one file: a comparison, a sum, a logical operator or a
constant is another one, a condition is true or false, a returned truth is the
other one, a statement is gone. The file is compiled with it and linked with all
the rest, and the tests are run. A mutant that does not compile, or makes the
same object code as the original, is none. What the tests let through survives,
and is printed.

Those whose change has no consequence that a caller can see are listed in
tests/mutate.equivalent, each with its reason, and are not printed; an entry
there that fits no survivor is.
"""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
EQUIVALENT = ROOT / "tests" / "mutate.equivalent"
TIMEOUT = 20  # seconds for all tests; they take a fraction of one

# Operators and what each is changed into. Longest first.
OPERATORS = {
    "<=": ("<", "=="), ">=": (">", "=="), "==": ("!=",), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "++": ("--",), "--": ("++",),
    "+=": ("-=",), "-=": ("+=",), "*=": ("/=",), "<<": (">>",),
    ">>": ("<<",), "<": ("<=", ">"), ">": (">=", "<"), "+": ("-",),
    "-": ("+",), "*": ("/",), "/": ("*",), "%": ("*",), "!": ("",),
    "&": ("|",), "|": ("&",),
}
TOKEN = re.compile(
    r'(?P<skip>/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
    r'|^[ \t]*\#(?:\\\n|[^\n])*|->|\.\.\.)'
    r'|(?P<word>[A-Za-z_]\w*)|(?P<number>\d\w*)'
    r'|(?P<operator><<=|>>=|<=|>=|==|!=|&&|\|\||\+\+|--|\+=|-=|\*=|<<|>>'
    r'|[<>+\-*/%!&|])',
    re.DOTALL | re.MULTILINE)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", help="of policy/; all unless given")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cc", default="gcc", help="the compiler (gcc)")
    return parser.parse_args()


# --- mutants ---------------------------------------------------------------------


def operand_before(text, at):
    """Is there a value before an operator, which then has two operands?"""
    before = text[:at].rstrip()
    word = re.search(r"[A-Za-z_]\w*$", before)
    if word and word.group() in ("return", "case", "sizeof"):
        return False
    return bool(re.search(r"[\w)\]]$", before))


def is_cast_or_pointer(text, at):
    """`char *name`, `(millis *)`: no product."""
    return re.match(r"\*+\s*(const\b|[),]|[a-z_]\w*\s*[\[;,)=({])",
                    text[at:]) and re.search(
        r"\b(char|void|struct \w+|millis|visit|text|const)\s*$",
        text[:at]) is not None


def of_operator(text, match):
    word = match.group()
    at = match.start()
    if word in ("*", "&", "+", "-") and not operand_before(text, at):
        return
    if word == "*" and is_cast_or_pointer(text, at):
        return
    for other in OPERATORS.get(word, ()):
        yield at, match.end(), other


def of_number(match):
    word = match.group()
    if not re.fullmatch(r"\d+", word):
        return
    for other in (int(word) + 1, int(word) - 1):
        yield match.start(), match.end(), f"({other})"


def of_word(match):
    other = {"true": "false", "false": "true", "break": "", "continue": ""}
    if match.group() in other:
        yield match.start(), match.end(), other[match.group()]


def of_conditions(text):
    """if (...) and while (...), always true and always false."""
    for match in re.finditer(r"\b(if|while) \(", text):
        depth = 1
        end = match.end()
        while depth > 0:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        for other in ("1", "0"):
            yield match.end(), end - 1, other


def of_statements(text):
    """Statements of one line or more that are no declaration, gone."""
    for match in re.finditer(
            r"^\t+(?!return|break|continue|case|goto|struct|const|static|else|if"
            r"|for|while|switch|do\b|assert|millis \w|size_t \w|bool \w|int \w"
            r"|char \w|uint\w+ \w|enum )(\(void\))?[a-z*][^;{}]*;$", text,
            re.MULTILINE):
        begin = match.start() + len(match.group()) - len(match.group().lstrip())
        yield begin, match.end(), ";"
    for match in re.finditer(r"\breturn ([^;]+);", text):
        if re.fullmatch(r"true|false|\d+", match.group(1)):
            continue
        for other in ("0", "1"):
            yield match.start(1), match.end(1), other


def mutants(text):
    """(begin, end, replacement), each once."""
    found = []
    for match in TOKEN.finditer(text):
        if match.lastgroup == "operator":
            found.extend(of_operator(text, match))
        elif match.lastgroup == "number":
            found.extend(of_number(match))
        elif match.lastgroup == "word":
            found.extend(of_word(match))
    skipped = [m.span() for m in TOKEN.finditer(text) if m.lastgroup == "skip"]
    asserts = [m.span() for m in re.finditer(r"\bassert\([^;]*;", text)]

    def is_code(begin):
        return not any(a <= begin < b for a, b in skipped + asserts)

    found.extend(m for m in [*of_conditions(text), *of_statements(text)]
                 if is_code(m[0]))
    return sorted({m for m in found if is_code(m[0])})


# --- trying them --------------------------------------------------------------------


class Workshop:
    """Objects of everything, and a folder for each mutant."""

    def __init__(self, folder, cc):
        self.folder = pathlib.Path(folder)
        self.cc = [cc, "-std=c17", "-O1", "-w", f"-I{ROOT}"]
        self.check = subprocess.run(
            ["pkg-config", "--libs", "check"], check=True, text=True,
            capture_output=True).stdout.split()
        self.objects = {}
        tests = re.findall(
            r"tests/\w+\.c", re.search(
                r"^tests_policy_tests_SOURCES =(?:.*\\\n)+.*",
                (ROOT / "Makefile.am").read_text(), re.MULTILINE).group())
        sources = sorted((ROOT / "policy").glob("*.c"))
        for source in sources + [ROOT / test for test in tests]:
            target = self.folder / (source.parent.name + "-" + source.stem + ".o")
            self.compile(source, target, check=True)
            self.objects[source] = target

    def compile(self, source, target, check=False):
        return subprocess.run([*self.cc, "-c", str(source), "-o", str(target)],
                              check=check, stderr=subprocess.DEVNULL).returncode

    def passes(self, objects, folder):
        program = folder / "tests"
        subprocess.run([*self.cc, *map(str, objects), "-o", str(program),
                        *self.check], check=True)
        try:
            return subprocess.run(
                [str(program)], timeout=TIMEOUT, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd=folder,
                env={**os.environ, "CK_FORK": "no", "CK_VERBOSITY": "silent"},
            ).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def survives(self, source, text, number):
        """None: it is no mutant."""
        folder = self.folder / f"{source.stem}-{number}"
        folder.mkdir()
        try:
            (folder / source.name).write_text(text)
            target = folder / "mutant.o"
            if self.compile(folder / source.name, target) != 0:
                return None
            if self.digest(target) == self.digest(self.objects[source]):
                return None
            others = [o for s, o in self.objects.items() if s != source]
            return self.passes([target, *others], folder)
        finally:
            shutil.rmtree(folder)

    @staticmethod
    def digest(target):
        text = subprocess.run(["objcopy", "-O", "binary", "--only-section=.text",
                               "--only-section=.rodata*", "--only-section=.data*",
                               str(target), "/dev/stdout"],
                              capture_output=True).stdout
        relocations = subprocess.run(["objdump", "-r", str(target)],
                                     capture_output=True).stdout
        return hashlib.sha256(text + relocations.split(b"\n", 3)[-1]).digest()


def described(source, text, mutant):
    """policy/lanes.c: `the line` -> `the line as it would be`."""
    begin, end, other = mutant
    first = text.rfind("\n", 0, begin) + 1
    last = text.find("\n", end)
    if len(text[first:last].strip()) < 16:  # "break;" alone says little
        first = text.rfind("\n", 0, max(first - 1, 0)) + 1
    before = " ".join(text[first:last].split())
    after = " ".join((text[first:begin] + other + text[end:last]).split())
    return f"policy/{source.name}: `{before}` -> `{after}`"


def known():
    if not EQUIVALENT.exists():
        return set()
    return {line for line in EQUIVALENT.read_text().splitlines()
            if line.startswith("policy/")}


def run(workshop, sources, jobs):
    """Counts, and a line for each survivor: (where, described)."""
    counts = {"killed": 0, "survived": 0}
    survivors = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for source in sources:
            text = source.read_text()
            found = mutants(text)
            results = pool.map(
                lambda item: workshop.survives(
                    source, text[:item[1][0]] + item[1][2] + text[item[1][1]:],
                    item[0]),
                enumerate(found))
            for mutant, survives in zip(found, results):
                if survives is None:
                    continue
                counts["survived" if survives else "killed"] += 1
                if survives:
                    line = text.count("\n", 0, mutant[0]) + 1
                    survivors.append((line, described(source, text, mutant)))
                    print(*survivors[-1], sep=": ", file=sys.stderr,
                          flush=True)
            print(f"{source.name}: {len(found)} changes", file=sys.stderr)
    return counts, survivors


def main():
    given = arguments()
    sources = [pathlib.Path(f).resolve() for f in given.files] or sorted(
        (ROOT / "policy").glob("*.c"))
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(folder, given.cc)
        base = pathlib.Path(folder) / "base"
        base.mkdir()
        if not workshop.passes(workshop.objects.values(), base):
            sys.exit("The tests fail without any mutant.")
        counts, survivors = run(workshop, sources, given.jobs)
    explained = known()
    new = [s for s in survivors if s[1] not in explained]
    for line, text in new:
        print(f"{line}: {text}")
    for text in sorted(explained - {s[1] for s in survivors}):
        if any(text.startswith(f"policy/{s.name}:") for s in sources):
            print(f"no longer survives: {text}")
    print(f"{counts['killed']} killed, {counts['survived']} survived, of which "
          f"{counts['survived'] - len(new)} are explained")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
