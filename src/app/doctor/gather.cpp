#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/doctor/doctor.hpp"
#include "app/watch/access.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/latch.hpp"
#include "model/bundle_files.hpp"
#include "venue/assumptions.hpp"
#include "venue/kalshi/published.hpp"
#include "venue/kalshi/signature.hpp"
#include "venue/net/client.hpp"
#include "venue/net/http_date.hpp"

namespace voltage::app::doctor {
namespace {

namespace kalshi = venue::kalshi;

// From statfs(2): what lives in memory, and what a container's end takes away.
struct Filesystem {
  std::int64_t magic;
  const char* name;
  bool survives;
};
constexpr Filesystem kFilesystems[] = {
    {0x01021994, "tmpfs", false}, {0x858458f6, "ramfs", false}, {0x794c7630, "overlay", true},
    {0xef53, "ext4", true},       {0x58465342, "xfs", true},    {0x9123683e, "btrfs", true},
    {0x2fc12fc1, "zfs", true},    {0x6969, "nfs", true},        {0x65735546, "fuse", true},
};

bool on_this_machine(const std::string& url) {
  const auto parsed = venue::net::Url::parse(url);
  return parsed && (parsed->host == "127.0.0.1" || parsed->host == "localhost" || parsed->host == "::1");
}

std::string key_fault(const venue::Endpoints& e) {
  if (e.kalshi_key_id.empty() || e.kalshi_key_file.empty()) return "the key's id or its file is not named";
  const auto key = kalshi::Key::read(e.kalshi_key_file);
  return key ? std::string{} : key.error().message;
}

void ask_venue(const live::LiveConfig& config, bool with_statement, Facts& facts) {
  auto account = kalshi::Account::make(config.endpoints);
  if (!account) {
    facts.account_error = account.error().message;
    return;
  }
  const auto limits = (*account)->limits();
  if (!limits) {
    facts.account_error = limits.error().message;
    return;
  }
  facts.account = *limits;
  const Time asked = (*account)->clock().now();
  const auto status = (*account)->call("GET", "/exchange/status");
  const Time answered = (*account)->clock().now();
  if (status) {
    // The Date says whole seconds, cut off: the middle of its second against the middle of the exchange.
    if (const auto date = venue::net::parse_http_date((*account)->date())) {
      const Time ours{asked.ns + (answered.ns - asked.ns) / 2};
      facts.clock_ahead = (*account)->clock().wall(ours - Time{date->ns + 500'000'000});
    }
  }
  if (with_statement) {
    const auto statement = (*account)->statement();
    if (statement)
      facts.statement = *statement;
    else
      facts.account_error = statement.error().message;
  }
  for (const auto& series : config.feeds.series) facts.fees.emplace(series, (*account)->fees_of(series));
}

}  // namespace

void look_at_page(const watch::WatchOptions& options, Facts& facts) {
  facts.page = options.port >= 0;
  facts.page_guarded = facts.page && !options.read_token.empty();
  if (!facts.page_guarded) return;
  if (const auto token = watch::take_read_token(options.read_token); !token) facts.page_error = token.error().message;
}

DiskFacts look_at_disk(const std::string& folder) {
  DiskFacts out;
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) {
    out.error = folder + ": " + ec.message();
    return out;
  }
  if (auto written = io::write_file(folder + "/.doctor", "can this be written\n"); !written) {
    out.error = written.error().message;
    return out;
  }
  ::unlink((folder + "/.doctor").c_str());
  struct statfs fs{};
  struct statvfs room{};
  struct stat owner{};
  if (::statfs(folder.c_str(), &fs) != 0 || ::statvfs(folder.c_str(), &room) != 0 ||
      ::stat(folder.c_str(), &owner) != 0) {
    out.error = folder + ": " + std::strerror(errno);
    return out;
  }
  out.filesystem = "of kind " + std::to_string(fs.f_type);
  for (const auto& known : kFilesystems) {
    if (static_cast<std::int64_t>(fs.f_type) != known.magic) continue;
    out.filesystem = known.name;
    out.survives = known.survives;
  }
  out.free_bytes = static_cast<std::int64_t>(room.f_bavail) * static_cast<std::int64_t>(room.f_frsize);
  out.shared = (owner.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  return out;
}

Facts gather(const live::LiveConfig& config, bool live, std::span<const std::string> accepted, bool with_statement) {
  Facts facts;
  facts.live = live;
  facts.local = on_this_machine(config.endpoints.kalshi_rest);
  facts.now = config.endpoints.clock.now();
  facts.key_error = key_fault(config.endpoints);
  if (facts.key_error.empty()) ask_venue(config, with_statement, facts);
  if (!kalshi::published_at(config.endpoints).empty()) facts.published = kalshi::published_changes(config.endpoints);
  if (config.data.empty())
    facts.disk.error = "no folder for the journal is named";
  else
    facts.disk = look_at_disk(config.data);
  if (!config.model.empty()) {
    const auto bundle = model::load_bundle(config.model);
    facts.model = bundle ? ModelFacts{{}, bundle->facts.trained_to, bundle->facts.expires}
                         : ModelFacts{bundle.error().message, {}, {}};
  }
  if (live && !config.data.empty()) {
    const auto findings = venue::read_findings(venue::findings_file(config.data));
    const auto where = venue::environment_of(config.endpoints.kalshi_rest);
    const auto fit =
        findings ? venue::may_risk_money(where, *findings, accepted) : Status{fail(findings.error().message)};
    if (!fit) facts.assumptions = fit.error().message;
    if (const auto pulled = io::Latch{live::control_folder(config)}.pulled())
      facts.kill_switch = pulled->by + " (" + pulled->at + "): " + pulled->why;
    auto before = journal::newest_left_over(config.data, "live");
    if (before)
      facts.before = std::move(*before);
    else
      facts.before_error = before.error().message;
  }
  return facts;
}

}  // namespace voltage::app::doctor
