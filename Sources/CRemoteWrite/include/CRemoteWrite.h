#pragma once
#include "remote_write.pb-c.h"
#include "rw_arena.h"
