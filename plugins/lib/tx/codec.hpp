// Transactions as bytes (EIP-2718 and the EIP of each type).
#pragma once

#include "tx/decode.hpp"
#include "tx/encode.hpp"
