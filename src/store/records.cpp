#include "store/records.h"

#include <array>
#include <utility>

namespace store {

namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<Role, 3> role_words{
    {{Role::admin, "admin"}, {Role::broadcaster, "broadcaster"}, {Role::viewer, "viewer"}}};
constexpr Words<LivestreamStatus, 5> livestream_statuses{{{LivestreamStatus::scheduled, "scheduled"},
                                                          {LivestreamStatus::live, "live"},
                                                          {LivestreamStatus::ended, "ended"},
                                                          {LivestreamStatus::archived, "archived"},
                                                          {LivestreamStatus::cancelled, "cancelled"}}};
constexpr Words<BroadcastStatus, 3> broadcast_statuses{{{BroadcastStatus::waiting, "waiting"},
                                                        {BroadcastStatus::live, "live"},
                                                        {BroadcastStatus::ended, "ended"}}};
constexpr Words<Outcome, 6> outcomes{{{Outcome::pending, "pending"},
                                      {Outcome::connected, "connected"},
                                      {Outcome::completed, "completed"},
                                      {Outcome::failed, "failed"},
                                      {Outcome::removed, "removed"},
                                      {Outcome::skipped, "skipped"}}};
constexpr Words<EncodeMode, 2> encode_modes{
    {{EncodeMode::copy, "copy"}, {EncodeMode::transcode, "transcode"}}};

constexpr Words<AssetStatus, 4> asset_statuses{{{AssetStatus::recording, "recording"},
                                                {AssetStatus::processing, "processing"},
                                                {AssetStatus::ready, "ready"},
                                                {AssetStatus::failed, "failed"}}};
constexpr Words<Visibility, 3> visibilities{
    {{Visibility::open, "public"}, {Visibility::unlisted, "unlisted"}, {Visibility::closed, "private"}}};
constexpr Words<FilePlace, 2> file_places{{{FilePlace::local, "local"}, {FilePlace::s3, "s3"}}};

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
    return word_of(role_words, value);
}
std::string_view to_string(LivestreamStatus value) {
    return word_of(livestream_statuses, value);
}
std::string_view to_string(BroadcastStatus value) {
    return word_of(broadcast_statuses, value);
}
std::string_view to_string(Outcome value) {
    return word_of(outcomes, value);
}
std::string_view to_string(EncodeMode value) {
    return word_of(encode_modes, value);
}
std::string_view to_string(AssetStatus value) {
    return word_of(asset_statuses, value);
}
std::string_view to_string(Visibility value) {
    return word_of(visibilities, value);
}
std::string_view to_string(FilePlace value) {
    return word_of(file_places, value);
}

std::optional<Role> role_from(std::string_view text) {
    return value_of(role_words, text);
}
std::optional<LivestreamStatus> livestream_status_from(std::string_view text) {
    return value_of(livestream_statuses, text);
}
std::optional<BroadcastStatus> broadcast_status_from(std::string_view text) {
    return value_of(broadcast_statuses, text);
}
std::optional<Outcome> outcome_from(std::string_view text) {
    return value_of(outcomes, text);
}
std::optional<EncodeMode> encode_mode_from(std::string_view text) {
    return value_of(encode_modes, text);
}
std::optional<AssetStatus> asset_status_from(std::string_view text) {
    return value_of(asset_statuses, text);
}
std::optional<Visibility> visibility_from(std::string_view text) {
    return value_of(visibilities, text);
}
std::optional<FilePlace> file_place_from(std::string_view text) {
    return value_of(file_places, text);
}

}  // namespace store
