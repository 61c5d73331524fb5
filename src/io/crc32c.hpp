#pragma once
// CRC-32C (Castagnoli), as iSCSI, ext4 and LevelDB use it: every burst of up to 32 bits is found.
#include <cstdint>
#include <string_view>

namespace voltage::io {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace voltage::io
