#include "api/rest/all_routes.h"

#include "api/rest/accounts_handler.h"
#include "api/rest/destinations_handler.h"
#include "api/rest/live_handler.h"
#include "api/rest/livestreams_handler.h"
#include "api/rest/multistream_handler.h"
#include "api/rest/platforms_handler.h"
#include "api/rest/playback_handler.h"
#include "api/rest/simulcast_handler.h"
#include "api/rest/stations_handler.h"
#include "api/rest/streaming_handler.h"
#include "api/rest/system_handler.h"
#include "api/rest/users_handler.h"
#include "api/rest/vod_handler.h"

namespace api::rest {

std::vector<Route> all_routes() {
    std::vector<Route> routes;
    for (const auto part :
         {system_routes(), accounts_routes(), users_routes(), stations_routes(), livestreams_routes(),
          streaming_routes(), destinations_routes(), platforms_routes(), live_routes(), multistream_routes(),
          simulcast_routes(), playback_routes(), vod_routes()})
        routes.insert(routes.end(), part.begin(), part.end());
    return routes;
}

}  // namespace api::rest
