#include "app/watch/webhooks.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"
#include "venue/net/client.hpp"

namespace voltage::app::watch {
namespace {

using venue::net::Request;

constexpr std::array<const char*, 4> kNames{"slack", "discord", "telegram", "ntfy"};
constexpr std::size_t kDiscordMax = 1'900;  // of 2,000 characters

std::string body_text(const AlertMessage& m) {
  if (m.change == AlertChange::test) return "This is how an alert would reach you. There is nothing to do.";
  if (m.change == AlertChange::cleared) return "It has ended: " + m.text;
  return m.text + "\nWhat to do: " + m.action + "\nRunbook: docs/RUNBOOK.md#" + m.alert;
}

std::string object(std::initializer_list<std::pair<const char*, std::string>> fields) {
  io::JsonWriter w;
  w.begin_object();
  for (const auto& [key, value] : fields) w.string(key, value);
  return w.end_object().take();
}

}  // namespace

const char* name(HookKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

Result<HookConfig> parse_hooks(std::string_view text) {
  HookConfig out;
  int number = 0;
  for (const auto line : venue::net::split(text, '\n')) {
    ++number;
    std::vector<std::string> words;
    for (const auto word : venue::net::split(line.substr(0, line.find('#')), ' ')) {
      if (!word.empty()) words.emplace_back(word);
    }
    if (words.empty()) continue;
    // The URL is a secret: it is not repeated in the error.
    const auto bad = [&](const char* why) { return fail(fmt::format("line {}: {}", number, why)); };
    if (words.size() < 2) return bad("a kind and a URL are needed");
    if (!venue::net::Url::parse(words[1])) return bad("the second word is no http(s) URL");
    if (words[0] == "ping") {
      out.ping = words[1];
      continue;
    }
    std::size_t kind = 0;
    while (kind < kNames.size() && words[0] != kNames[kind]) ++kind;
    if (kind == kNames.size()) return bad("the first word is none of slack, discord, telegram, ntfy, ping");
    Hook hook{static_cast<HookKind>(kind), words[1], ""};
    if (hook.kind == HookKind::telegram) {
      if (words.size() < 3) return bad("telegram needs the chat's id as third word");
      hook.chat = words[2];
    }
    out.hooks.push_back(std::move(hook));
  }
  return out;
}

Result<HookConfig> read_hooks(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return fail(path + ": " + std::strerror(errno));
  if ((info.st_mode & 077) != 0) return fail(path + ": others may read it; chmod 600 " + path);
  const auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  auto config = parse_hooks(*text);
  if (!config) return fail(path + " " + config.error().message);
  return config;
}

Request note_of(const Hook& hook, const std::string& head, const std::string& text) {
  switch (hook.kind) {
    case HookKind::slack:
      return {"POST", "", object({{"text", "*" + head + "*\n" + text}}), {}};
    case HookKind::discord:
      return {"POST", "", object({{"content", ("**" + head + "**\n" + text).substr(0, kDiscordMax)}}), {}};
    case HookKind::telegram:
      return {"POST", "/sendMessage", object({{"chat_id", hook.chat}, {"text", head + "\n" + text}}), {}};
    case HookKind::ntfy:
      break;
  }
  return {"POST", "", text, {{"title", head}, {"priority", "low"}, {"tags", "white_check_mark"}}};
}

Request request_of(const Hook& hook, const AlertMessage& message) {
  Request r = note_of(hook, title(message), body_text(message));
  const bool urgent = message.change == AlertChange::fired || message.change == AlertChange::again;
  if (hook.kind == HookKind::ntfy && urgent) {
    r.headers["priority"] = "urgent";
    r.headers["tags"] = "rotating_light";
  }
  return r;
}

}  // namespace voltage::app::watch
