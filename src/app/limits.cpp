#include "app/limits.h"

#include "api/http/accept_encoding.h"
#include "api/http/address_limiter.h"
#include "api/http/byte_range.h"
#include "api/http/conditional.h"
#include "api/http/websocket.h"
#include "api/input/json_text.h"
#include "api/media/media_path.h"
#include "codec/nal.h"
#include "codec/video_config.h"
#include "crypto/jwt.h"
#include "crypto/password_hasher.h"
#include "crypto/playback_token.h"
#include "format/flv/tag.h"
#include "format/fmp4/fragment_scanner.h"
#include "format/m3u8/delivery_directives.h"
#include "ingest/stream_desk.h"
#include "net/push_url.h"
#include "output/cmaf/packager.h"
#include "output/record/recorder.h"
#include "output/rtmp/flv_post.h"
#include "protocol/rtmp/aggregate.h"
#include "protocol/rtmp/amf0.h"
#include "protocol/rtmp/chunk_reader.h"
#include "protocol/rtmp/client_session.h"
#include "protocol/rtmp/command.h"
#include "protocol/rtmp/message_channel.h"
#include "protocol/rtmp/text.h"
#include "service/destinations.h"
#include "service/event_hub.h"
#include "service/event_router.h"
#include "service/ingest_gate.h"
#include "service/live_board.h"
#include "service/rate_limiter.h"
#include "service/validation.h"
#include "service/vod_library.h"
#include "store/broadcast_repository.h"
#include "store/database.h"
#include "store/sqlite_connection.h"
#include "transcode/thumbnailer.h"

namespace app {
namespace {

using protocol::rtmp::ChunkReader;
using protocol::rtmp::MessageChannel;
using Unit = Limit::Unit;
using Counted = Limit::Counted;

class Table {
  public:
    void count(std::string_view of, auto value, Counted counted = Counted::no) {
        rows_.push_back({of, static_cast<double>(value), Unit::count, counted});
    }
    void bytes(std::string_view of, auto value, Counted counted = Counted::no) {
        rows_.push_back({of, static_cast<double>(value), Unit::bytes, counted});
    }
    void time(std::string_view of, std::chrono::duration<double> value, Counted counted = Counted::no) {
        rows_.push_back({of, value.count(), Unit::seconds, counted});
    }
    std::vector<Limit> take() { return std::move(rows_); }

  private:
    std::vector<Limit> rows_;
};

void rtmp_bytes(Table& table, const LimitSettings& settings) {
    using namespace protocol::rtmp;
    const ChunkLimits& stranger = limits_before_publish;
    const ChunkLimits& publisher = limits_of_publisher;
    const ChunkLimits& destination = limits_of_destination;
    table.bytes("rtmp_message_bytes_before_publish", stranger.message_size, Counted::yes);
    table.bytes("rtmp_message_bytes_of_publisher", publisher.message_size, Counted::yes);
    table.bytes("rtmp_message_bytes_of_destination", destination.message_size);
    table.bytes("rtmp_partial_bytes_before_publish", stranger.partial_size, Counted::yes);
    table.bytes("rtmp_partial_bytes_of_publisher", publisher.partial_size, Counted::yes);
    table.bytes("rtmp_partial_bytes_of_destination", destination.partial_size);
    table.count("rtmp_chunk_streams_before_publish", stranger.chunk_streams, Counted::yes);
    table.count("rtmp_chunk_streams_of_publisher", publisher.chunk_streams, Counted::yes);
    table.count("rtmp_chunk_streams_of_destination", destination.chunk_streams);
    table.bytes("rtmp_growth_step_bytes", growth_step);
    table.bytes("rtmp_min_chunk_bytes", min_chunk_size, Counted::yes);
    table.bytes("rtmp_max_chunk_bytes", max_chunk_size, Counted::yes);
    table.count("rtmp_small_chunks_before_publish", stranger.small_chunks_per_second, Counted::yes);
    table.count("rtmp_small_chunks_of_publisher", publisher.small_chunks_per_second, Counted::yes);
    table.count("rtmp_small_chunks_of_destination", destination.small_chunks_per_second);
    table.count("rtmp_small_chunks_at_once", ChunkReader::small_chunks_at_once);
    table.count("amf_depth", max_amf_depth, Counted::yes);
    table.count("amf_nodes", max_amf_nodes, Counted::yes);
    table.bytes("amf_text_bytes", max_amf_text, Counted::yes);
    table.count("rtmp_aggregate_messages", max_sub_messages, Counted::yes);
    table.bytes("rtmp_stream_name_bytes", max_stream_name);
    table.count("rtmp_requests_at_once", MessageChannel::requests_at_once);
    table.count("rtmp_requests_per_second", MessageChannel::requests_per_second, Counted::yes);
    table.bytes("rtmp_smallest_window_bytes", MessageChannel::smallest_window);
    table.bytes("rtmp_held_bytes", max_held, Counted::yes);
    table.bytes("rtmp_app_bytes", max_app);
    table.count("rtmp_streams", max_streams);
    table.bytes("rtmp_unsent_bytes", settings.rtmp.max_unsent, Counted::yes);
    table.bytes("bridge_answer_bytes", output::rtmp::max_answer);
    table.bytes("shown_text_bytes", max_shown_text);
    table.count("flv_mod_ex", format::flv::max_mod_ex, Counted::yes);
    table.count("flv_tracks", format::flv::max_tracks, Counted::yes);
    table.count("video_dimension", codec::max_dimension);
    table.count("video_pixels", codec::max_pixels);
    table.bytes("parameter_set_bytes", codec::max_parameter_set);
}

void rtmp_connections(Table& table, const LimitSettings& settings) {
    const net::AcceptorSettings& port = settings.rtmp.rtmp;
    table.time("rtmp_handshake_seconds", settings.rtmp.session.handshake_deadline, Counted::yes);
    table.time("rtmp_publish_seconds", settings.rtmp.session.publish_deadline, Counted::yes);
    table.time("rtmp_gate_seconds", settings.rtmp.gate_deadline, Counted::yes);
    table.time("rtmp_silent_publisher_seconds", settings.rtmp.silent_publisher, Counted::yes);
    table.time("rtmps_handshake_seconds", port.tls_deadline, Counted::yes);
    table.count("rtmp_connections", port.max_connections, Counted::yes);
    table.count("rtmp_connections_per_address", port.max_per_address, Counted::yes);
    table.count("reserved_descriptors", port.reserved_descriptors, Counted::yes);
    table.count("stream_key_failures_per_minute", settings.gate.failures_per_minute, Counted::yes);
    table.time("stream_key_failure_delay_seconds", settings.gate.failure_delay);
    table.count("stream_key_answers_delayed", service::IngestGate::max_delayed, Counted::yes);
    table.count("gate_queue", gate_queue, Counted::yes);
    table.count("takeovers_per_minute", ingest::max_takeovers_per_minute, Counted::yes);
}

void readers(Table& table, const LimitSettings& settings) {
    const output::rtmp::RetryPolicy& retry = settings.outputs.retry;
    table.time("reader_age_seconds", hub::SubscriptionSettings{}.max_age);
    table.bytes("reader_bytes", hub::SubscriptionSettings{}.max_bytes);
    table.bytes("stream_bytes", hub::FrameLogSettings{}.max_bytes);
    table.bytes("send_buffer_bytes", settings.rtmp.rtmp.socket.send_buffer);
    table.time("user_timeout_seconds", std::chrono::milliseconds(settings.rtmp.rtmp.socket.user_timeout_ms));
    table.time("destination_stalled_seconds", retry.stalled_after);
    table.time("destination_hang_up_seconds", retry.hang_up_after);
    table.time("player_no_progress_seconds", settings.players.no_progress);
    table.time("player_no_progress_when_short_seconds", settings.players.no_progress_when_short);
    table.count("destination_refusals", retry.max_refusals);
    table.time("destination_first_retry_seconds", retry.backoff.first);
    table.time("destination_last_retry_seconds", retry.backoff.cap);
    table.time("destination_tls_retry_seconds", retry.after_tls_failure);
    table.time("destination_connect_interval_seconds", retry.between_connects);
    table.time("destination_connect_seconds", retry.connect_within);
    table.time("dial_dns_seconds", settings.dialer.dns);
    table.time("dial_address_seconds", settings.dialer.address);
    table.time("dial_tls_seconds", settings.dialer.tls);
    table.time("dial_seconds", settings.dialer.total);
    table.time("destination_step_seconds", protocol::rtmp::ClientSettings{}.step_deadline);
    table.count("push_url_characters", net::max_push_url);
    table.count("connection_tests_per_minute", service::tests_per_minute, Counted::yes);
}

void http(Table& table, const LimitSettings& settings) {
    const api::http::ServerSettings& server = settings.api.http;
    table.bytes("http_header_bytes", server.max_header_bytes, Counted::yes);
    table.bytes("http_body_bytes", server.max_body_bytes, Counted::yes);
    table.time("http_header_seconds", server.header_deadline, Counted::yes);
    table.time("http_body_seconds", server.body_deadline, Counted::yes);
    table.time("http_idle_seconds", server.idle_deadline);
    table.time("http_write_seconds", server.write_deadline, Counted::yes);
    table.time("http_tls_seconds", server.tls_deadline, Counted::yes);
    table.count("http_connections_per_address", server.max_connections_per_address, Counted::yes);
    table.count("http_connections", server.max_connections, Counted::yes);
    table.count("http_requests_per_second", settings.api.rate.per_second, Counted::yes);
    table.count("http_requests_at_once", settings.api.rate.burst);
    table.count("http_addresses", api::http::AddressLimiter::max_addresses);
    table.count("http_requests_queued", settings.api.queue_limit, Counted::yes);
    table.count("http_slow_threads", settings.api.slow_threads);
    table.count("json_depth", api::input::max_json_depth);
    table.count("event_listener_queue", service::EventSubscription::max_queued);
}

// What players ask, and what they get.
void playback(Table& table, const LimitSettings& settings) {
    const api::http::ServerSettings& server = settings.api.http;
    const service::PlaybackSettings& desk = settings.playback;
    table.count("http_strangers_per_address", server.max_strangers_per_address);
    table.count("http_file_readers_waiting", server.reader_queue);
    table.bytes("media_path_bytes", api::media::max_path);
    table.bytes("media_query_bytes", api::media::max_query);
    table.bytes("range_header_bytes", api::http::max_range_header);
    table.bytes("condition_header_bytes", api::http::max_condition_header);
    table.bytes("accept_encoding_bytes", api::http::max_accept_encoding);
    table.bytes("web_socket_message_bytes", api::http::WebSocketReader::max_payload);
    table.count("hls_waiting", output::hls::max_waiting, Counted::yes);
    table.bytes("memory_bytes", settings.memory, Counted::yes);
    table.bytes("hls_memory_bytes", settings.hls.memory_budget, Counted::yes);
    table.count("hls_segments_ahead", format::m3u8::max_segments_ahead);
    table.count("flv_players", settings.flv.max_players);
    table.time("playback_token_seconds", crypto::max_playback_token_life);
    table.time("playback_right_seconds", desk.rights.believed);
    table.count("playback_rights", desk.rights.max_known, Counted::yes);
    table.count("playback_sessions", desk.sessions.max_sessions, Counted::yes);
    table.count("playback_sessions_per_user", desk.sessions.max_per_user, Counted::yes);
    table.count("playback_ids", desk.directory.max_known);
    table.count("playback_lookups", desk.directory.max_lookups, Counted::yes);
    table.count("playback_guesses_per_minute", desk.directory.guesses_per_minute, Counted::yes);
    table.count("audience_players", desk.audience.max_players, Counted::yes);
}

void recording(Table& table) {
    using namespace format::fmp4;
    table.time("segment_seconds", output::cmaf::max_segment_duration);
    table.bytes("segment_bytes", output::cmaf::max_segment_weight);
    table.bytes("part_bytes", output::cmaf::max_part_weight);
    table.count("part_frames", output::cmaf::max_part_samples);
    table.bytes("recording_queue_bytes", output::record::max_queued);
    table.count("recording_files", output::record::max_files);
    table.bytes("recorded_box_bytes", max_moof_size);
    table.count("recorded_boxes_passed", max_skipped_boxes);
    table.count("replay_segments", service::VodLibrary::max_known_segments);
    table.bytes("replay_playlist_bytes", service::VodLibrary::max_known_text);
    table.bytes("thumbnail_keyframe_bytes", transcode::max_keyframe_size);
    table.bytes("thumbnail_bytes", transcode::max_jpeg_size);
    table.time("thumbnail_seconds", transcode::ThumbnailerSettings{}.deadline);
    table.count("thumbnails_waiting", transcode::ThumbnailerSettings{}.max_waiting);
}

void accounts(Table& table, const LimitSettings& settings) {
    const service::AccountSettings& account = settings.accounts;
    const service::InstanceLimits& instance = settings.instance;
    const crypto::PasswordHasherSettings hasher;
    table.count("sign_in_failures_per_account", account.failures_per_account, Counted::yes);
    table.count("sign_in_failures_per_address", account.failures_per_address, Counted::yes);
    table.count("registrations_per_address", account.registrations_per_address, Counted::yes);
    table.count("rate_limiter_keys", service::RateLimiter::max_keys);
    table.count("password_hashes_at_once", hasher.max_running);
    table.count("password_hashes_waiting", hasher.max_waiting, Counted::yes);
    table.bytes("hashed_password_bytes", crypto::max_password_size);
    table.count("password_min_characters", service::min_password);
    table.count("password_max_characters", service::max_password);
    table.time("access_token_seconds", crypto::max_access_token_life);
    table.time("clock_leeway_seconds", crypto::clock_leeway);
    table.time("refresh_token_seconds", account.refresh_lifetime);
    table.time("refresh_reuse_seconds", account.refresh_reuse_leeway);
    table.count("stations_per_user", instance.stations_per_user, Counted::yes);
    table.count("destinations_per_user", instance.destinations_per_user, Counted::yes);
    table.count("profiles_per_user", instance.profiles_per_user, Counted::yes);
    table.count("open_livestreams_per_user", instance.open_livestreams_per_user, Counted::yes);
    table.count("api_tokens_per_user", account.max_api_tokens_per_user, Counted::yes);
    table.count("destinations_per_broadcast", instance.destinations_per_broadcast, Counted::yes);
}

void inside(Table& table) {
    table.count("events_queued", service::EventRouter::default_capacity, Counted::yes);
    table.time("database_patience_seconds", store::patience);
    table.time("database_impatience_seconds", store::impatience);
    table.bytes("write_ahead_log_bytes", store::max_wal_bytes);
    table.count("events_per_broadcast", store::max_events_per_broadcast);
    table.count("live_briefs", service::LiveBoard::max_briefs);
    table.time("shutdown_seconds", shutdown_deadline);
}

}  // namespace

std::vector<Limit> limits(const LimitSettings& settings) {
    Table table;
    rtmp_bytes(table, settings);
    rtmp_connections(table, settings);
    readers(table, settings);
    http(table, settings);
    playback(table, settings);
    recording(table);
    accounts(table, settings);
    inside(table);
    return table.take();
}

}  // namespace app
