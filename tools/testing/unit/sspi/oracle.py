#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares our sspi.h with the one of mingw-w64, which has Windows' ABI.

Both are compiled by the host's compiler (mingw-w64's with 16-bit wchar_t and
without what Microsoft's compiler has of its own). Compared are the values of
macros, enumerators and GUIDs, the text of strings, the sizes of types, the
sizes and offsets of members and the number of parameters. Everything that
mingw-w64's sspi.h and winerror.h define for SSPI has to be in ours, unless
DIFFERENT says why not. Prints TAP.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

MINGW = '/usr/share/mingw-w64/include'
OURS = ['-Iuapi', '-Ilibsspi/include', '-Ilibsspi/include/windows']

# What differs on purpose, and why.
DIFFERENT = {
    'KSECDDDECLSPEC': 'how a symbol is exported is a matter of the platform',
    'SEC_ENTRY': 'there is one calling convention',
    'SEC_TEXT': 'a function-like macro that expands to TEXT on both sides',
    '_AUTH_IDENTITY_DEFINED': 'guard of a block that rpcdce.h has, too',
    '_AUTH_IDENTITY_EX2_DEFINED': 'guard of a block',
    '_AUTH_IDENTITY_INFO_DEFINED': 'guard of a block',
    '__SECHANDLE_DEFINED__': 'guard of a block',
    '__SECSTATUS_DEFINED__': 'guard of a block',
    '__SSPI_H__': 'guard of the header',
    'SECURITY_': 'marks that the header has been read',
    'WINAPI': 'there is one calling convention',
    'SspiAsyncContext': 'for drivers only: asynchronous calls',
    'PSEC_WINNT_AUTH_DATA_PASSWORD': 'mingw-w64 lacks the asterisk',
    'CLOUDAP_NAME': 'mingw-w64 has the A name with a small letter L in it',
    'DEFAULT_TLS_SSP_NAME': 'mingw-w64 names a macro that it does not have',
    'SECURITY_INTEGER': 'LARGE_INTEGER in programs, on both sides',
    'SECURITY_STRING': 'UNICODE_STRING in programs, on both sides',
    'SecurityFunctionTableA.FreeCredentialHandle': 'a macro makes it FreeCredentialsHandle',
    'SecurityFunctionTableA.Reserved9': 'for drivers only: stands for ChangeAccountPassword',
    'SecurityFunctionTableW.Reserved9': 'for drivers only: stands for ChangeAccountPassword',
}

# Functions for drivers only
IGNORED_FUNCTIONS = re.compile(r'Sspi\w*Async\w*$|SecMakeSPN|SecLookup')


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def strip_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.S)


class World:
    """One of the two sets of headers, and the compiler's options for it"""

    def __init__(self, name, options, prologue):
        self.name = name
        self.options = options
        self.prologue = prologue

    def run(self, args, source):
        result = subprocess.run(
            ['gcc', '-std=gnu17', '-w', '-D_GNU_SOURCE', '-fshort-wchar', *self.options,
             *args, '-x', 'c', '-'],
            input=self.prologue + source, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f'{self.name}: gcc failed:\n{result.stderr[:4000]}')
        return result.stdout

    def macros(self):
        """Names of the macros without parameters, and what each expands to"""
        found = {}
        for line in self.run(['-E', '-dM'], '').splitlines():
            match = re.match(r'#define (\w+)(?: (.*))?$', line)
            if match:
                found[match.group(1)] = match.group(2) or ''
        return found

    def preprocessed(self):
        return self.run(['-E', '-P'], '')

    def compile(self, source, output):
        self.run(['-O0', '-c', '-o', output], source)


def worlds():
    builtin = subprocess.run(['gcc', '-print-file-name=include'], capture_output=True,
                             text=True, check=True).stdout.strip()
    prologue = '#define SECURITY_WIN32\n#define _SEC_WINNT_AUTH_TYPES\n'
    headers = '#include <windows.h>\n#include <security.h>\n#include <schannel.h>\n'
    offset = '#undef offsetof\n#define offsetof(t, m) __builtin_offsetof(t, m)\n'
    mingw = World('mingw-w64', [
        '-nostdinc', '-I' + MINGW, '-I' + builtin, '-D__stdcall=', '-D__cdecl=',
        '-D__declspec(x)=', '-D__int64=long long', '-D_WIN32', '-D_WIN64',
        '-D__MINGW64__', '-D_WIN32_WINNT=0x0A00'], prologue + headers + offset)
    return World('ours', OURS, prologue + headers + offset), mingw


def is_string(macros, text, depth=0):
    """Does the expansion of a macro end in a string literal?"""
    text = text.strip()
    if re.match(r'[LuU]?"', text) or re.match(r'(TEXT|SSPI_WIDE|SEC_TEXT)\(', text):
        return True
    match = re.match(r'(?:SSPI_NAME_\w+|__MINGW_NAME_\w+)\((\w+)\)$', text)
    if depth < 9 and match:
        name = match.group(1)
        return any(is_string(macros, macros[n], depth + 1)
                   for n in (name + 'A', name + '_A') if n in macros)
    return depth < 9 and text in macros and is_string(macros, macros[text], depth + 1)


def is_number(macros, text, depth=0):
    """Does the expansion consist of numbers, casts and operators only?"""
    known = {'__s32', 'HRESULT', 'SECURITY_STATUS', 'LONG', 'ULONG', 'ULONG_PTR', 'INT_PTR',
             'SSPI_STATUS', '_HRESULT_TYPEDEF_', '__MSABI_LONG', 'DWORD'}
    text = re.sub(r'\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b', ' ', text)
    for word in re.findall(r'[A-Za-z_]\w*', text):
        if word in known:
            continue
        if depth > 8 or word not in macros or not is_number(macros, macros[word], depth + 1):
            return False
    return '"' not in text and '{' not in text and ';' not in text


def typedefs(text):
    """{name: [members]} of the structs and unions, and the enumerators, of a header"""
    structs, enumerators = {}, []
    pattern = re.compile(
        r'typedef\s+(struct|union|enum)\s*\w*\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*([\w\s,*]+);')
    for kind, body, names in pattern.findall(text):
        name = names.split(',')[0].strip()
        if kind == 'enum':
            enumerators += re.findall(r'(?:^|,)\s*(\w+)', re.sub(r'=\s*[^,]+', '', body))
            continue
        members = []
        for field in body.split(';'):
            field = re.sub(r'#[^\n]*', '', field).strip()
            match = re.search(r'\(\s*\w*\s*\*\s*(\w+)\s*\)\s*\(|(\w+)\s*(?:\[[^]]*\]\s*)*$', field)
            if match:
                members.append(match.group(1) or match.group(2))
        structs[name] = members
    return structs, enumerators


def pointer_typedefs(text):
    """Names of pointer types declared beside a struct"""
    return set(re.findall(r'\}\s*\w+\s*,\s*\*\s*(\w+)\s*;', text))


def functions(text):
    """{name: number of parameters} of the prototypes in preprocessed text"""
    found = {}
    for name, params in re.findall(r'\b(\w+)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*;', text):
        params = params.strip()
        found.setdefault(name, 0 if params in ('', 'void') else params.count(',') + 1)
    return found


# As a source of a program may look, in C and in C++
PROGRAM = '''
#define SECURITY_WIN32
#include <windows.h>
#include <security.h>
#include <schnlsp.h>
#include <sspi_linux.h>
#define SEC_SUCCESS(Status) ((Status) >= 0)
int check(PSecurityFunctionTable table, PCredHandle cred, TimeStamp *expiry);
int check(PSecurityFunctionTable table, PCredHandle cred, TimeStamp *expiry)
{
	SecInvalidateHandle(cred);
	if (!SecIsValidHandle(cred))
		return SEC_SUCCESS(table->AcquireCredentialsHandle(0, 0, SECPKG_CRED_INBOUND, 0, 0,
								   0, 0, cred, expiry));
	return expiry->LowPart == expiry->u.LowPart;
}
'''


def compile_problems():
    """What compilers say about the headers, in all the ways they may be asked."""
    wrong = []
    for compiler, language, standards in (('gcc', 'c', ('c99', 'c11', 'c17', 'gnu17')),
                                          ('g++', 'c++', ('c++11', 'c++17', 'c++20'))):
        if not shutil.which(compiler):
            continue
        for options in itertools.product(standards, ('-UUNICODE', '-DUNICODE'),
                                         ('-fno-short-wchar', '-fshort-wchar')):
            words = [f'-std={options[0]}', *options[1:]]
            result = subprocess.run(
                [compiler, '-fsyntax-only', '-D_DEFAULT_SOURCE', '-Wall', '-Wextra',
                 '-Wpedantic', '-Werror', *words, *OURS, '-x', language, '-'],
                input=PROGRAM, capture_output=True, text=True, check=False)
            if result.returncode:
                wrong += [f'{compiler} {" ".join(words)}:'] + result.stderr.splitlines()[:5]
    return wrong


class Tap:
    """The lines of TAP; a test takes the list of what is wrong"""

    def __init__(self):
        self.count = self.failed = 0

    def test(self, name, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f'{"not " if wrong else ""}ok {self.count} - {name}')
        for line in wrong:
            print(f'# {line}')

    def end(self):
        print(f'1..{self.count}')
        return 1 if self.failed else 0


def table(symbol, rows, declaration='unsigned long long v'):
    body = ',\n'.join('{ "%s", %s }' % row for row in rows)
    return (f'const struct {{ const char *n; {declaration}; }} {symbol}[] =\n'
            f'{{ {body}, {{ 0 }} }};\n')


def evaluate(world, directory, numbers, strings, sizes):
    """Compiles three tables with a world's headers and reads them back"""
    source = table('numbers', [(n, f'(unsigned long long)({n})') for n in numbers])
    source += table('sizes', list(sizes))
    source += ''.join(f'const __typeof__({s}) text_{i} = {s};\n' for i, s in enumerate(strings))
    source += table('strings', [(s, f'text_{i}, sizeof(text_{i})')
                                for i, s in enumerate(strings)], 'const void *p; unsigned v')
    reader = '''
#include <stdio.h>
extern const struct { const char *n; unsigned long long v; } numbers[], sizes[];
extern const struct { const char *n; const unsigned char *p; unsigned v; } strings[];
int main(void)
{
	for (int i = 0; numbers[i].n; i++)
		printf("number %s %llx\\n", numbers[i].n, numbers[i].v);
	for (int i = 0; sizes[i].n; i++)
		printf("size %s %llu\\n", sizes[i].n, sizes[i].v);
	for (int i = 0; strings[i].n; i++) {
		printf("string %s ", strings[i].n);
		for (unsigned j = 0; j < strings[i].v; j++)
			printf("%02x", strings[i].p[j]);
		printf("\\n");
	}
	return 0;
}
'''
    base = os.path.join(directory, world.name)
    world.compile(source, base + '.o')
    with open(base + '-main.c', 'w', encoding='ascii') as file:
        file.write(reader)
    subprocess.run(['gcc', '-o', base, base + '-main.c', base + '.o'], check=True)
    lines = subprocess.run([base], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in lines.splitlines():
        kind, name, value = line.split(' ', 2)
        found[kind, name] = value
    return found


def differing(ours, mingw, kind):
    return [f'{name}: ours {ours[k, name]}, mingw-w64 {mingw[k, name]}'
            for k, name in sorted(ours) if k == kind and ours[k, name] != mingw[k, name]]


def exported(library):
    lines = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True,
                           text=True, check=True).stdout
    return {line.split()[2].split('@')[0] for line in lines.splitlines()}


def main():
    if not os.path.exists(MINGW + '/sspi.h'):
        print("1..0 # SKIP no mingw-w64 headers: run 'make deps'")
        return 0
    tap = Tap()
    our, mingw = worlds()
    our_macros, mingw_macros = our.macros(), mingw.macros()
    theirs = strip_comments(read(MINGW + '/sspi.h'))
    schannel = strip_comments(read(MINGW + '/schannel.h'))
    text = our.preprocessed()

    tap.test('the headers are C99 to C17 and, where g++ is, C++11 to C++20',
             compile_problems())

    # Macros
    wanted = set(re.findall(r'^\s*#\s*define\s+(\w+)', theirs, re.M))
    wanted |= {n for n in mingw_macros if re.match(r'SEC_[EI]_', n)}
    missing = sorted(n for n in wanted if n in mingw_macros and n not in our_macros)
    function_like = set(re.findall(r'^\s*#\s*define\s+(\w+)\(', theirs, re.M))
    all_ours = our.run(['-E', '-dM'], '')
    missing += sorted(n for n in function_like if f'#define {n}(' not in all_ours)
    tap.test('every macro of mingw-w64 is in our sspi.h',
             [n for n in missing if n not in DIFFERENT])

    headers = os.listdir('libsspi/include')
    again = {}
    for path in ['uapi/linux/ksecdd_sspi.h'] + [f'libsspi/include/{h}' for h in sorted(headers)
                                                if h.endswith('.h')]:
        for name in set(re.findall(r'^#define (\w+)[ \t]+\S', read(path), re.M)):
            again.setdefault(name, []).append(path)
    tap.test('no value is written down twice',
             [f'{n}: {" ".join(paths)}' for n, paths in sorted(again.items()) if len(paths) > 1])

    common = sorted(n for n in our_macros if n in mingw_macros and n not in DIFFERENT and
                    re.match(r'[A-Z]', n))
    numbers = [n for n in common if our_macros[n] and is_number(our_macros, our_macros[n]) and
               is_number(mingw_macros, mingw_macros[n])]
    strings = [n for n in common if is_string(our_macros, our_macros[n])]
    _, enumerators = typedefs(theirs)
    known_enumerators = [e for e in enumerators if re.search(rf'\b{e}\b', text)]
    tap.test('every enumerator of mingw-w64 is in our sspi.h',
             [e for e in enumerators if e not in known_enumerators])

    # Types
    their_structs, _ = typedefs(theirs)
    schannel_structs, _ = typedefs(schannel)
    our_structs, _ = typedefs(text)
    tap.test('every struct of mingw-w64 is in our sspi.h',
             [s for s in their_structs if s not in our_structs and s not in DIFFERENT])
    tap.test('every pointer type of mingw-w64 is in our sspi.h',
             [p for p in pointer_typedefs(theirs)
              if p not in DIFFERENT and not re.search(rf'\*\s*{p}\s*;', text)])
    their_structs.update(schannel_structs)
    sizes, members_missing = [], []
    for name, members in sorted(their_structs.items()):
        if name not in our_structs:
            continue
        sizes.append((f'sizeof({name})',) * 2)
        for member in members:
            if f'{name}.{member}' in DIFFERENT:
                continue
            if member not in our_structs[name]:
                members_missing.append(f'{name}.{member}')
                continue
            sizes.append((f'offsetof({name},{member})',) * 2)
            sizes.append((f'sizeof({name}.{member})', f'sizeof((({name} *)0)->{member})'))
    for name in ('SecHandle', 'TimeStamp', 'SECURITY_STATUS', 'SEC_WCHAR', 'SEC_CHAR', 'ULONG',
                 'LONG', 'DWORD', 'USHORT', 'BOOLEAN', 'HANDLE', 'ULONG_PTR', 'BOOL', 'LUID',
                 'GUID', 'FILETIME', 'UNICODE_STRING', 'LARGE_INTEGER', 'SECURITY_STRING',
                 'SecFull', 'HRESULT', 'NTSTATUS'):
        sizes.append((f'sizeof({name})', f'sizeof({name})'))
    tap.test('every member of their structs is in ours', members_missing)

    guids = re.findall(r'const GUID (\w+)', theirs)

    with tempfile.TemporaryDirectory() as directory:
        ours = evaluate(our, directory, numbers + known_enumerators, strings, sizes)
        mingws = evaluate(mingw, directory, numbers + known_enumerators, strings, sizes)
    tap.test(f'{len(numbers)} macros and {len(known_enumerators)} enumerators have equal values',
             differing(ours, mingws, 'number'))
    tap.test(f'{len(strings)} strings are equal', differing(ours, mingws, 'string'))
    tap.test(f'{len(sizes)} sizes and offsets are equal', differing(ours, mingws, 'size'))

    # The lists above must not have become empty by a change of the headers.
    tap.test('there was enough to compare',
             [f'only {n} {what}' for n, what, least in (
                 (len(numbers), 'macros', 450), (len(strings), 'strings', 10),
                 (len(sizes), 'sizes', 500), (len(guids), 'GUIDs', 10)) if n < least])

    # GUIDs are initializers: compare them as numbers.
    def guid_values(source):
        return {name: [int(v, 16) for v in re.findall(r'0x([0-9a-fA-F]+)', body)]
                for name, body in re.findall(r'const GUID (\w+)[^=]*=\s*\{(.*?)\}\s*;',
                                             source, re.S)}
    mine, other = guid_values(text), guid_values(mingw.preprocessed())
    tap.test(f'{len(guids)} GUIDs are equal',
             [g for g in guids if mine.get(g) != other.get(g) or len(other[g]) != 11])

    # Functions
    their_functions = {n: c for n, c in functions(mingw.preprocessed()).items()
                       if re.search(rf'\b{n}\s*\(', theirs) and not IGNORED_FUNCTIONS.match(n)
                       and re.match(r'[A-Z][a-z]', n)}
    our_functions = functions(text)
    tap.test(f'{len(their_functions)} functions are declared with as many parameters',
             [f'{n}: ours {our_functions.get(n)}, mingw-w64 {c}'
              for n, c in sorted(their_functions.items()) if our_functions.get(n) != c])
    symbols = exported('build/lib/libsspi.so')
    tap.test('libsspi exports every function of mingw-w64',
             sorted(n for n in their_functions if n not in symbols))
    extensions = functions(our.run(['-E', '-P'], '#include <sspi_linux.h>\n'))
    tap.test('libsspi exports what its headers declare, and nothing else',
             sorted(n for n in symbols
                    if n not in extensions and not n.startswith('LIBSSPI_')))
    return tap.end()


sys.exit(main())
