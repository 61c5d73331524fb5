#pragma once
// Which program this is: SHA-256 of what the system loads of its file. Names and lines for a debugger are left out:
// they are most of the file, change nothing that runs, and would cost a start half a second.
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace voltage::io {

Result<std::string> program_hash();
// Of the bytes of a file: the parts that an ELF-64 program loads; of anything else, or a damaged one, all of it.
std::string loaded_hash(std::string_view file);

}  // namespace voltage::io
