// What the store keeps, as plain structs: one per table, no behaviour. Shared by repositories and services; a
// record is a copy and belongs to whoever holds it. Secret fields lie encrypted in the database and are clear
// only here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace store {

enum class Role : std::uint8_t { admin, broadcaster, viewer };

enum class LivestreamStatus : std::uint8_t { scheduled, live, ended, archived, cancelled };

enum class BroadcastStatus : std::uint8_t {
    waiting,  // started, the encoder has not come yet
    live,     // started and the encoder sends
    ended,
};

// How a destination came out of one broadcast.
enum class Outcome : std::uint8_t {
    pending,    // wanted, never connected so far
    connected,  // it has taken the stream; the state while it runs is the engine's to tell
    completed,  // it took the stream, and the broadcast ended with it
    failed,     // it never took the stream, or ended in an error
    removed,    // the owner took it out during the broadcast
    skipped,    // not even tried; the reason says why
};

// How a destination wants the stream. Nothing: the source's own, or the platform's preset.
enum class EncodeMode : std::uint8_t { copy, transcode };

// How far a recording is.
enum class AssetStatus : std::uint8_t {
    recording,
    processing,  // over, and not yet whole
    ready,
    failed,  // nothing of it can be played; `problem` says why
};

// Who may watch, and who is told of it. Of recordings `open` and `closed` alone.
enum class Visibility : std::uint8_t {
    open,
    unlisted,  // whoever has its id may watch; it stands in no list
    closed,    // for its owner and admins
};

// Where a recording's bytes lie.
enum class FilePlace : std::uint8_t { local, s3 };

std::string_view to_string(Role value);
std::string_view to_string(LivestreamStatus value);
std::string_view to_string(BroadcastStatus value);
std::string_view to_string(Outcome value);
std::string_view to_string(EncodeMode value);
std::string_view to_string(AssetStatus value);
std::string_view to_string(Visibility value);  // "public", "unlisted", "private"
std::string_view to_string(FilePlace value);
// Nothing on a word that is none of theirs.
std::optional<Role> role_from(std::string_view text);
std::optional<LivestreamStatus> livestream_status_from(std::string_view text);
std::optional<BroadcastStatus> broadcast_status_from(std::string_view text);
std::optional<Outcome> outcome_from(std::string_view text);
std::optional<EncodeMode> encode_mode_from(std::string_view text);
std::optional<AssetStatus> asset_status_from(std::string_view text);
std::optional<Visibility> visibility_from(std::string_view text);
std::optional<FilePlace> file_place_from(std::string_view text);

struct User {
    std::string id;     // us_
    std::string email;  // stored lower-case; unique
    std::string name;
    base::Secret password_hash;  // argon2id's own text form; empty: cannot sign in by password
    Role role = Role::broadcaster;
    std::int64_t token_balance = 0;  // for token-gated livestreams, never negative
    bool disabled = false;
    std::optional<base::WallTime> last_login_at;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

// One refresh token of a family; a family is one sign-in on one device. The token itself is stored as a keyed
// hash.
struct RefreshToken {
    std::string id;         // any unique text
    std::string family_id;  // the access token's `sid`
    std::string user_id;
    std::string client_software;
    std::string client_address;
    base::WallTime created_at{};
    base::WallTime expires_at{};
    std::optional<base::WallTime> used_at;     // rotated into its successor
    std::optional<base::WallTime> revoked_at;  // signed out, or reuse was seen
};

struct ApiToken {
    std::string id;  // tk_
    std::string user_id;
    std::string name;
    std::string hint;  // the token's last four characters
    std::vector<std::string> scopes;
    base::WallTime created_at{};
    std::optional<base::WallTime> expires_at;
    std::optional<base::WallTime> last_used_at;
};

struct Station {
    std::string id;  // st_
    std::string owner_id;
    std::string slug;  // stored lower-case; unique
    std::string name;
    std::string description;
    std::string artwork_url;
    base::Secret stream_key;
    std::string playback_id;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

struct Livestream {
    std::string id;  // ls_
    std::string owner_id;
    std::optional<std::string> station_id;
    std::string title;
    std::string description;
    LivestreamStatus status = LivestreamStatus::scheduled;
    // The owner said start: the encoder may come, also before scheduled_at.
    bool ready = false;
    std::optional<base::WallTime> scheduled_at;
    std::int64_t token_gate_amount = 0;  // 0: open to all
    Visibility visibility = Visibility::open;
    bool record = false;
    std::optional<std::string> profile_id;
    std::vector<std::string> destination_ids;  // in the owner's order; those deleted since are gone from it
    base::Secret stream_key;
    std::string playback_id;
    std::int64_t peak_viewers = 0;
    std::int64_t total_viewers = 0;
    std::optional<base::WallTime> started_at;
    std::optional<base::WallTime> ended_at;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

struct EncodeSettings {
    EncodeMode mode = EncodeMode::copy;
    std::optional<std::int64_t> video_bitrate_kbps;
    std::optional<std::int64_t> audio_bitrate_kbps;
    std::optional<std::int64_t> width;
    std::optional<std::int64_t> height;
    std::optional<double> fps;
    std::optional<std::string> preset;
    std::optional<double> keyframe_interval_s;
    bool operator==(const EncodeSettings&) const = default;
};

struct Destination {
    std::string id;  // de_
    std::string owner_id;
    std::optional<std::string> station_id;
    std::string platform;
    std::string name;
    std::string rtmp_url;
    base::Secret stream_key;  // any text, sent as given
    std::string bridge_proxy_url;
    bool is_active = true;
    EncodeSettings settings;
    std::int64_t max_retries = 0;  // tries in a row before it waits for a person; 0: for ever
    std::string playback_url;
    std::string platform_stream_id;
    // What was last seen of it, kept over restarts; written by record_status() alone.
    std::string last_status = "unknown";  // media::to_string(media::OutputState)
    std::string last_error;
    std::optional<base::WallTime> last_connected_at;
    std::int64_t retry_count = 0;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

struct ProfileEntry {
    std::string destination_id;
    std::optional<EncodeSettings> settings;  // instead of the destination's own
    bool operator==(const ProfileEntry&) const = default;
};

struct Profile {
    std::string id;  // pr_
    std::string owner_id;
    std::optional<std::string> station_id;
    std::string name;
    std::string description;
    bool is_default = false;  // at most one per owner and station; setting it takes it from the other
    bool recording_enabled = false;
    std::vector<ProfileEntry> entries;  // in the owner's order; entries of deleted destinations are gone
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

// One destination's part in one broadcast. Name and platform are copies, so history outlives the destination.
struct BroadcastDestination {
    std::string destination_id;
    std::string name;
    std::string platform;
    bool desired = true;                     // still to be pushed to while the broadcast runs
    std::optional<EncodeSettings> settings;  // the profile's, instead of the destination's own
    Outcome outcome = Outcome::pending;
    std::string last_status = "unknown";
    std::string last_detail;
    std::string last_problem = "none";  // media::to_string(media::OutputProblem)
    std::string last_error;
    std::optional<base::WallTime> last_error_at;
    std::int64_t bytes_sent = 0;
    std::int64_t frames_sent = 0;
    std::int64_t frames_dropped = 0;
    std::int64_t retries = 0;          // failed tries, all together
    std::int64_t reconnects = 0;       // connections made again after the first
    std::vector<std::string> reasons;  // distinct things that went wrong, oldest first, at most 20
    base::WallTime joined_at{};
    std::optional<base::WallTime> first_connected_at;
    std::optional<base::WallTime> last_connected_at;
    std::optional<base::WallTime> left_at;
};

// A session of the API: one run of one stream, from go-live to stop.
struct Broadcast {
    std::string id;  // se_
    std::string owner_id;
    std::string stream_id;  // the station's or the livestream's id whose key is published
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::string title;
    std::string description;
    BroadcastStatus status = BroadcastStatus::waiting;
    bool use_multistream = true;
    bool recording_enabled = false;
    std::optional<std::string> profile_id;
    base::Secret input_source;  // pulled instead of published; its URL may hold credentials. Empty: an
                                // encoder publishes
    std::int64_t peak_viewers = 0;
    std::int64_t total_viewers = 0;
    std::string end_reason;
    base::WallTime started_at{};            // go-live was said
    std::optional<base::WallTime> live_at;  // the encoder's first media
    std::optional<base::WallTime> ended_at;
    std::vector<BroadcastDestination> destinations;  // in the order they were joined
};

// A line of a broadcast's history, written for people.
struct BroadcastEvent {
    std::string broadcast_id;
    std::int64_t sequence = 0;  // 1, 2, 3 … in a broadcast; given by the store
    base::WallTime at{};
    std::string kind;               // stable word for programs: "encoder_connected", "server_restarted"
    std::string severity = "info";  // "info", "warning", "error"
    std::optional<std::string> destination_id;
    std::string message;
};

// One of a recording's files, as media::RecordingFile tells of it.
struct AssetFile {
    std::string asset_id;
    std::int64_t number = 0;  // from 1
    std::int64_t size_bytes = 0;
    std::int64_t init_size = 0;
    std::int64_t duration_ms = 0;
    std::int64_t width = 0;  // 0 without video
    std::int64_t height = 0;
    std::string codecs;
    base::WallTime started_at{};
    bool complete = false;
    std::string checksum;  // of the whole file, once it is known; empty before
    FilePlace place = FilePlace::local;
    // Where it is in the object store, or is being brought to; empty while nothing was sent there.
    std::string object_key;
    // Of an upload that has begun and not ended.
    std::string upload_id;
    bool operator==(const AssetFile&) const = default;
};

// Something in the object store whose recording was deleted.
struct ObjectRemoval {
    std::string object_key;
    std::string upload_id;  // empty: none had begun
    bool operator==(const ObjectRemoval&) const = default;
};

// A recording of one session that can be replayed.
struct Asset {
    std::string id;  // as_
    std::string owner_id;
    std::optional<std::string> station_id;
    std::optional<std::string> livestream_id;
    std::optional<std::string> broadcast_id;
    std::string title;
    std::string description;
    Visibility visibility = Visibility::open;
    AssetStatus status = AssetStatus::recording;
    std::string problem;  // for people: why it failed, or what keeps it from being written now
    FilePlace place = FilePlace::local;
    base::WallTime recorded_at{};
    // The sums of its files; written with them.
    std::int64_t duration_ms = 0;
    std::int64_t size_bytes = 0;
    std::vector<AssetFile> files;  // by number
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

}  // namespace store
