#include "store/records.h"

#include <array>
#include <utility>

namespace store {

namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<Role, 3> kRoles{
    {{Role::admin, "admin"}, {Role::broadcaster, "broadcaster"}, {Role::viewer, "viewer"}}};
constexpr Words<LivestreamStatus, 5> kLivestreamStatuses{{{LivestreamStatus::scheduled, "scheduled"},
                                                          {LivestreamStatus::live, "live"},
                                                          {LivestreamStatus::ended, "ended"},
                                                          {LivestreamStatus::archived, "archived"},
                                                          {LivestreamStatus::cancelled, "cancelled"}}};
constexpr Words<BroadcastStatus, 3> kBroadcastStatuses{{{BroadcastStatus::waiting, "waiting"},
                                                        {BroadcastStatus::live, "live"},
                                                        {BroadcastStatus::ended, "ended"}}};
constexpr Words<Outcome, 6> kOutcomes{{{Outcome::pending, "pending"},
                                       {Outcome::connected, "connected"},
                                       {Outcome::completed, "completed"},
                                       {Outcome::failed, "failed"},
                                       {Outcome::removed, "removed"},
                                       {Outcome::skipped, "skipped"}}};
constexpr Words<EncodeMode, 2> kEncodeModes{
    {{EncodeMode::copy, "copy"}, {EncodeMode::transcode, "transcode"}}};

template <class Enum, std::size_t N>
std::string_view word_of(const Words<Enum, N>& words, Enum value) {
    for (const auto& [known, word] : words)
        if (known == value) return word;
    return {};
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Words<Enum, N>& words, std::string_view text) {
    for (const auto& [value, word] : words)
        if (word == text) return value;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Role value) {
    return word_of(kRoles, value);
}
std::string_view to_string(LivestreamStatus value) {
    return word_of(kLivestreamStatuses, value);
}
std::string_view to_string(BroadcastStatus value) {
    return word_of(kBroadcastStatuses, value);
}
std::string_view to_string(Outcome value) {
    return word_of(kOutcomes, value);
}
std::string_view to_string(EncodeMode value) {
    return word_of(kEncodeModes, value);
}

std::optional<Role> role_from(std::string_view text) {
    return value_of(kRoles, text);
}
std::optional<LivestreamStatus> livestream_status_from(std::string_view text) {
    return value_of(kLivestreamStatuses, text);
}
std::optional<BroadcastStatus> broadcast_status_from(std::string_view text) {
    return value_of(kBroadcastStatuses, text);
}
std::optional<Outcome> outcome_from(std::string_view text) {
    return value_of(kOutcomes, text);
}
std::optional<EncodeMode> encode_mode_from(std::string_view text) {
    return value_of(kEncodeModes, text);
}

}  // namespace store
