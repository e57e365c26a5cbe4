// Services: every use-case in one place, for api/ to call. app/ owns what it refers to.
#pragma once

namespace service {

class AccountService;
class ApiTokenService;
class BroadcastService;
class DestinationService;
class EventHub;
class LivestreamService;
class ProfileService;
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
};

}  // namespace service
