#include "model/bundle_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "model/bundle_files.hpp"

namespace voltage::model {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kNames[] = {"promoted", "refused", "rolled_back"};

// Held while the store is changed; other processes wait.
class Lock {
 public:
  explicit Lock(const std::string& directory)
      : file_{::open((directory + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)} {
    if (file_ >= 0 && ::flock(file_, LOCK_EX) != 0) {
      ::close(file_);
      file_ = -1;
    }
  }
  ~Lock() {
    if (file_ >= 0) ::close(file_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool held() const { return file_ >= 0; }

 private:
  int file_;
};

Status sync_directory(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return fail(path + ": cannot be opened");
  const bool good = ::fsync(file) == 0;
  ::close(file);
  if (!good) return fail(path + ": cannot be synced");
  return {};
}

Result<StoreEntry> entry_of(const std::string& line) {
  try {
    const json j = json::parse(line);
    StoreEntry e;
    const auto at = parse_iso(j.at("at").get<std::string>());
    const auto action = std::find(std::begin(kNames), std::end(kNames), j.at("action").get<std::string>());
    if (!at || action == std::end(kNames)) return fail("not an entry");
    e.at = *at;
    e.action = static_cast<StoreAction>(action - std::begin(kNames));
    e.hash = j.at("hash");
    e.before = j.at("before");
    e.why = j.at("why");
    return e;
  } catch (const std::exception& e) {
    return fail(e.what());
  }
}

}  // namespace

const char* name(StoreAction action) {
  return kNames[static_cast<std::size_t>(action)];
}

Result<BundleStore> BundleStore::open(const std::string& directory) {
  std::error_code error;
  if (fs::exists(fs::path{directory} / "manifest.json")) {
    return fail(directory + ": is a model bundle, not a store of bundles: name another folder");
  }
  const bool something_else =
      fs::exists(directory) && !fs::is_empty(directory, error) && !fs::exists(fs::path{directory} / "bundles");
  if (something_else) return fail(directory + ": is there and is no store of bundles: name another folder");
  fs::create_directories(fs::path{directory} / "bundles", error);
  if (error) return fail(fmt::format("{}: cannot be made: {}", directory, error.message()));
  return BundleStore{directory};
}

Result<std::string> BundleStore::add(const std::string& bundle) {
  // What can't be loaded has no place here: nobody may find that out while trading.
  if (const auto sound = load_bundle(bundle); !sound) return fail(sound.error().message);
  const auto hash = bundle_hash(bundle);
  if (!hash) return tl::unexpected(hash.error());
  const Lock lock{directory_};
  if (!lock.held()) return fail(directory_ + "/lock: cannot be taken");
  const fs::path to = path_of(*hash);
  if (fs::exists(to)) return *hash;
  const fs::path beside = to.string() + ".partial";
  std::error_code error;
  fs::remove_all(beside, error);
  fs::create_directories(beside, error);
  for (const auto& entry : fs::directory_iterator{bundle}) {
    const auto bytes = io::read_file(entry.path().string());
    if (!bytes) return tl::unexpected(bytes.error());
    if (auto s = io::write_file((beside / entry.path().filename()).string(), *bytes); !s)
      return fail(s.error().message);
  }
  const auto copied = bundle_hash(beside.string());
  if (!copied || *copied != *hash) return fail(bundle + ": changed while it was copied");
  fs::rename(beside, to, error);
  if (error) return fail(fmt::format("{}: cannot be put in place: {}", to.string(), error.message()));
  if (auto s = sync_directory(directory_ + "/bundles"); !s) return fail(s.error().message);
  return *hash;
}

std::vector<std::string> BundleStore::list() const {
  std::vector<std::string> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory_ + "/bundles", error}) {
    if (entry.path().extension().empty()) all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string BundleStore::current() const {
  std::error_code error;
  const auto target = fs::read_symlink(fs::path{directory_} / "current", error);
  return error ? std::string{} : target.filename().string();
}

Result<std::string> BundleStore::find(const std::string& prefix) const {
  std::vector<std::string> found;
  for (auto& hash : list()) {
    if (!prefix.empty() && hash.rfind(prefix, 0) == 0) found.push_back(hash);
  }
  if (found.size() == 1) return found.front();
  return fail(fmt::format("{}: {} bundle of the store begins with \"{}\": voltage models list shows them", directory_,
                          found.empty() ? "no" : "more than one", prefix));
}

Status BundleStore::point_at(const std::string& hash) {
  const fs::path beside = fs::path{directory_} / "current.new";
  std::error_code error;
  fs::remove(beside, error);
  fs::create_directory_symlink(fs::path{"bundles"} / hash, beside, error);
  if (!error) fs::rename(beside, fs::path{directory_} / "current", error);
  if (error) return fail(fmt::format("{}/current: cannot be swapped: {}", directory_, error.message()));
  return sync_directory(directory_);
}

Status BundleStore::write_entry(const StoreEntry& e) {
  const json line = {
      {"at", format_iso(e.at)}, {"action", name(e.action)}, {"hash", e.hash}, {"before", e.before}, {"why", e.why}};
  const std::string path = directory_ + "/history.jsonl";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return fail(path + ": cannot be opened");
  const std::string text = line.dump() + "\n";
  const bool good = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!good) return fail(path + ": cannot be written");
  return {};
}

// The history first: a crash between the two leaves the old bundle in use, and the next promotion says so.
Status BundleStore::promote(const std::string& hash, Time at, const std::string& why) {
  const Lock lock{directory_};
  if (!lock.held()) return fail(directory_ + "/lock: cannot be taken");
  if (!fs::exists(path_of(hash))) return fail(fmt::format("{}: is not in the store", path_of(hash)));
  if (current() == hash) return fail(fmt::format("{}: is in use already", hash));
  if (auto s = write_entry({at, StoreAction::promoted, hash, current(), why}); !s) return s;
  return point_at(hash);
}

Status BundleStore::refuse(const std::string& hash, Time at, const std::string& why) {
  const Lock lock{directory_};
  if (!lock.held()) return fail(directory_ + "/lock: cannot be taken");
  return write_entry({at, StoreAction::refused, hash, current(), why});
}

Result<std::string> BundleStore::roll_back(Time at, const std::string& why) {
  const Lock lock{directory_};
  if (!lock.held()) return fail(directory_ + "/lock: cannot be taken");
  const auto entries = history();
  if (!entries) return tl::unexpected(entries.error());
  const std::string now = current();
  // What stood under each promotion, the way back undone as it was taken.
  std::vector<std::string> stack;
  for (const auto& e : *entries) {
    if (e.action == StoreAction::promoted) stack.push_back(e.hash);
    if (e.action == StoreAction::rolled_back && !stack.empty()) stack.pop_back();
  }
  // A promotion that was written down and never took place is no place to go back from.
  while (!stack.empty() && stack.back() != now) stack.pop_back();
  if (stack.size() < 2) return fail(directory_ + ": there is no bundle before the current one to go back to");
  const std::string before = stack[stack.size() - 2];
  if (!fs::exists(path_of(before))) return fail(path_of(before) + ": the bundle before is gone");
  if (const auto sound = load_bundle(path_of(before)); !sound) return fail(sound.error().message);
  if (auto s = write_entry({at, StoreAction::rolled_back, before, now, why}); !s) return fail(s.error().message);
  if (auto s = point_at(before); !s) return fail(s.error().message);
  return before;
}

Result<std::vector<StoreEntry>> BundleStore::history() const {
  std::vector<StoreEntry> entries;
  const std::string path = directory_ + "/history.jsonl";
  if (!fs::exists(path)) return entries;
  const auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines{*text};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    auto entry = entry_of(line);
    if (!entry) return fail(fmt::format("{}:{}: {}", path, number, entry.error().message));
    entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace voltage::model
