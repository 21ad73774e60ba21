"""hardening.py must see each thing that a build leaves out."""

import subprocess

import pytest

import hardening

SOURCE = r"""
#include <cstring>
#include <vector>
#ifdef WRITABLE_CODE
__asm__(".section .both,\"awx\"\n.byte 0\n.previous");
#endif
void Fill(char*, std::vector<int>*);
int main(int count, char** words) {
  char text[16];
  std::vector<int> numbers(count);
  Fill(text, &numbers);
  std::strcpy(text, words[0]);
  return numbers[count] + text[count];
}
"""
FILL = "#include <vector>\nvoid Fill(char*, std::vector<int>*) {}\n"
HARDENED = ("-O1 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS "
            "-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack")


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("", "", None),
        ("-pie", "-no-pie", "position independent"),
        ("-z,relro", "-z,norelro", "read-only after start"),
        ("-z,now", "-z,lazy", "bound at start"),
        ("-z,noexecstack", "-z,execstack", "executable stack"),
        ("-pie", "-pie -DWRITABLE_CODE", "writable and executable"),
        ("-pie", "-pie -Wl,-rpath,/tmp", "search path"),
        ("-fstack-protector-strong", "-fno-stack-protector", "stack protector"),
        ("-D_FORTIFY_SOURCE=3", "-U_FORTIFY_SOURCE", "FORTIFY_SOURCE"),
        ("-D_GLIBCXX_ASSERTIONS", "-U_GLIBCXX_ASSERTIONS", "_GLIBCXX_ASSERTIONS"),
    ],
)
def test_hardening(tmp_path, old, new, missing):
    (tmp_path / "main.cc").write_text(SOURCE)
    (tmp_path / "fill.cc").write_text(FILL)
    program = tmp_path / "program"
    subprocess.run(["g++", *HARDENED.replace(old, new, 1).split(), "-o", program, tmp_path / "main.cc",
                    tmp_path / "fill.cc"], check=True, timeout=120)
    faults = hardening.missing(program)
    assert hardening.main([str(program)]) == (1 if missing else 0)
    assert [missing in fault for fault in faults] == [True] if missing else not faults, faults


def test_nothing_to_look_at_is_a_failure():
    assert hardening.main([]) == 1
