#include "app/watch/view.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace voltage::app::watch {

Machine look_at_machine(const std::string& data_folder) {
  Machine m;
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    std::istringstream words{line};
    std::string key;
    std::int64_t value = 0;
    words >> key >> value;
    if (key == "VmRSS:") m.memory_bytes = value * 1024;
    if (key == "Threads:") m.threads = value;
  }
  std::error_code ec;
  for (auto it = std::filesystem::directory_iterator{"/proc/self/fd", ec}; !ec && it != std::filesystem::end(it);
       it.increment(ec))
    ++m.descriptors;
  if (!data_folder.empty()) {
    const auto space = std::filesystem::space(data_folder, ec);
    m.disk_free_bytes = ec ? -1 : static_cast<std::int64_t>(space.available);
  }
  return m;
}

}  // namespace voltage::app::watch
