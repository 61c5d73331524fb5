#include "app/watch/watch_options.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/watch/access.hpp"

namespace voltage::app::watch {

using namespace literals;

void add_watch_options(CLI::App& command, WatchOptions& options) {
  command
      .add_option("--dashboard-port", options.port,
                  "serve the status page, /metrics, /healthz and /readyz on 127.0.0.1; 0: any free port")
      ->check(CLI::Range(0, 65'535));
  command.add_option("--alerts", options.hooks,
                     "a file (mode 0600) of webhooks that hear of alerts, and of the outside watcher "
                     "(docs/OPERATIONS.md)");
  command.add_option(
      "--read-token", options.read_token,
      "reading the page and the metrics needs the token in this file (mode 0600; made if there is none)");
  command.add_flag("--end-when-stuck", options.restart,
                   "end with code 70 when the core hangs for 30 s, so that systemd starts it anew");
}

Result<std::unique_ptr<Lookout>> start_lookout(const WatchOptions& options, const std::string& data,
                                               const std::string& run_folder) {
  if (options.port < 0 && options.hooks.empty() && !options.restart) return nullptr;
  LookoutOptions lookout;
  if (options.port >= 0) lookout.port = static_cast<std::uint16_t>(options.port);
  lookout.data = data;
  if (options.port >= 0 && !options.read_token.empty()) {
    auto token = take_read_token(options.read_token);
    if (!token) return tl::unexpected(token.error());
    lookout.read_token = std::move(*token);
  }
  if (!run_folder.empty()) {
    std::error_code ec;
    std::filesystem::create_directories(run_folder, ec);
    lookout.log = run_folder + "/log.jsonl";
  }
  if (!options.hooks.empty()) {
    auto hooks = read_hooks(options.hooks);
    if (!hooks) return tl::unexpected(hooks.error());
    lookout.hooks = std::move(*hooks);
  }
  if (options.restart) {
    lookout.hopeless = 25_s;  // after the five seconds that make a part stuck
    lookout.on_hopeless = end_for_a_restart;
  }
  auto started = Lookout::start(std::move(lookout));
  if (!started) return tl::unexpected(started.error());
  if (options.port >= 0) {
    fmt::print("Page: http://127.0.0.1:{}/{}\n", (*started)->port(),
               data.empty() ? "" : " (token for pause, resume and kill: " + control_path(data) + ")");
    std::fflush(stdout);
  }
  return std::move(*started);
}

}  // namespace voltage::app::watch
