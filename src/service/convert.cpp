#include "service/convert.h"

namespace service {

// The two enumerations grow apart by design (a record is not what is shown), and share their words.
Role to_service(store::Role role) {
    switch (role) {
        case store::Role::admin:
            return Role::admin;
        case store::Role::broadcaster:
            return Role::broadcaster;
        case store::Role::viewer:
            break;
    }
    return Role::viewer;
}

store::Role to_store(Role role) {
    switch (role) {
        case Role::admin:
            return store::Role::admin;
        case Role::broadcaster:
            return store::Role::broadcaster;
        case Role::viewer:
            break;
    }
    return store::Role::viewer;
}

User to_service(const store::User& user) {
    return {user.id,       user.email,         user.name,       to_service(user.role),
            user.disabled, user.token_balance, user.created_at, user.last_login_at};
}

LivestreamStatus to_service(store::LivestreamStatus status) {
    switch (status) {
        case store::LivestreamStatus::scheduled:
            return LivestreamStatus::scheduled;
        case store::LivestreamStatus::live:
            return LivestreamStatus::live;
        case store::LivestreamStatus::ended:
            return LivestreamStatus::ended;
        case store::LivestreamStatus::archived:
            return LivestreamStatus::archived;
        case store::LivestreamStatus::cancelled:
            break;
    }
    return LivestreamStatus::cancelled;
}

store::LivestreamStatus to_store(LivestreamStatus status) {
    switch (status) {
        case LivestreamStatus::scheduled:
            return store::LivestreamStatus::scheduled;
        case LivestreamStatus::live:
            return store::LivestreamStatus::live;
        case LivestreamStatus::ended:
            return store::LivestreamStatus::ended;
        case LivestreamStatus::archived:
            return store::LivestreamStatus::archived;
        case LivestreamStatus::cancelled:
            break;
    }
    return store::LivestreamStatus::cancelled;
}

Visibility to_service(store::Visibility visibility) {
    switch (visibility) {
        case store::Visibility::open:
            return Visibility::open;
        case store::Visibility::unlisted:
            return Visibility::unlisted;
        case store::Visibility::closed:
            break;
    }
    return Visibility::closed;
}

store::Visibility to_store(Visibility visibility) {
    switch (visibility) {
        case Visibility::open:
            return store::Visibility::open;
        case Visibility::unlisted:
            return store::Visibility::unlisted;
        case Visibility::closed:
            break;
    }
    return store::Visibility::closed;
}

DestinationSettings to_service(const store::EncodeSettings& settings) {
    DestinationSettings to;
    to.mode = settings.mode == store::EncodeMode::transcode ? EncodeMode::transcode : EncodeMode::copy;
    const auto number = [](const std::optional<std::int64_t>& value) -> std::optional<int> {
        if (!value) return std::nullopt;
        return static_cast<int>(*value);
    };
    to.video_bitrate_kbps = number(settings.video_bitrate_kbps);
    to.audio_bitrate_kbps = number(settings.audio_bitrate_kbps);
    to.width = number(settings.width);
    to.height = number(settings.height);
    to.fps = settings.fps;
    to.preset = settings.preset;
    to.keyframe_interval_s = settings.keyframe_interval_s;
    return to;
}

store::EncodeSettings to_store(const DestinationSettings& settings) {
    store::EncodeSettings to;
    to.mode = settings.mode == EncodeMode::transcode ? store::EncodeMode::transcode : store::EncodeMode::copy;
    to.video_bitrate_kbps = settings.video_bitrate_kbps;
    to.audio_bitrate_kbps = settings.audio_bitrate_kbps;
    to.width = settings.width;
    to.height = settings.height;
    to.fps = settings.fps;
    to.preset = settings.preset;
    to.keyframe_interval_s = settings.keyframe_interval_s;
    return to;
}

media::OutputState output_state_from(std::string_view text) {
    using enum media::OutputState;
    for (const media::OutputState state : {connected, connecting, disconnected, error})
        if (media::to_string(state) == text) return state;
    return unknown;
}

media::OutputProblem output_problem_from(std::string_view text) {
    for (int i = 0; i <= static_cast<int>(media::OutputProblem::misconfigured); ++i) {
        const auto problem = static_cast<media::OutputProblem>(i);
        if (media::to_string(problem) == text) return problem;
    }
    return media::OutputProblem::none;
}

}  // namespace service
