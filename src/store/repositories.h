// Every repository at once, for services.
#pragma once

#include "store/api_token_repository.h"
#include "store/asset_repository.h"
#include "store/broadcast_repository.h"
#include "store/destination_repository.h"
#include "store/livestream_repository.h"
#include "store/profile_repository.h"
#include "store/refresh_token_repository.h"
#include "store/setting_repository.h"
#include "store/station_repository.h"
#include "store/user_repository.h"
