// Services: every use-case in one place, for api/ to call. app/ owns what it refers to.
#pragma once

namespace service {

class AccountService;
class ApiTokenService;
class BroadcastService;
class DestinationService;
class EventHub;
class LivestreamService;
class PlaybackService;
class ProfileService;
class RecordingService;
class StationService;
class StreamingHooks;
class UserService;

struct Services {
    AccountService& accounts;
    ApiTokenService& api_tokens;
    UserService& users;
    StationService& stations;
    LivestreamService& livestreams;
    DestinationService& destinations;
    ProfileService& profiles;
    BroadcastService& broadcasts;
    StreamingHooks& hooks;
    EventHub& events;
    // Null where nothing is recorded.
    RecordingService* recordings = nullptr;
    // Null where nothing is played.
    PlaybackService* playback = nullptr;
};

}  // namespace service
