#include "io/program_hash.hpp"

#include <elf.h>

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace voltage::io {
namespace {

// A head, one part that is loaded, and what follows it in the file.
std::string program(std::string_view loaded, std::string_view more) {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_phoff = sizeof head;
  head.e_phentsize = sizeof(Elf64_Phdr);
  head.e_phnum = 1;
  Elf64_Phdr part{};
  part.p_type = PT_LOAD;
  part.p_offset = sizeof head + sizeof part;
  part.p_filesz = loaded.size();
  std::string out(sizeof head + sizeof part, '\0');
  std::memcpy(out.data(), &head, sizeof head);
  std::memcpy(out.data() + sizeof head, &part, sizeof part);
  return out.append(loaded).append(more);
}

TEST(ProgramHash, is_of_what_runs_and_not_of_the_debuggers_names) {
  const std::string hash = loaded_hash(program("code", "names and lines"));
  EXPECT_EQ(hash, loaded_hash(program("code", "")));
  EXPECT_EQ(hash, sha256_hex("code"));
  EXPECT_NE(hash, loaded_hash(program("Code", "names and lines")));
}

TEST(ProgramHash, of_anything_else_it_is_of_all) {
  EXPECT_EQ(loaded_hash("#!/bin/sh"), sha256_hex("#!/bin/sh"));
  EXPECT_EQ(loaded_hash(""), sha256_hex(""));
  std::string cut = program("code", "");
  cut.pop_back();  // it says that it loads more than there is
  EXPECT_EQ(loaded_hash(cut), sha256_hex(cut));
}

TEST(ProgramHash, of_this_program_is_the_same_twice) {
  const auto once = program_hash();
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ(once->size(), 64U);
  EXPECT_EQ(*once, *program_hash());
}

}  // namespace
}  // namespace voltage::io
