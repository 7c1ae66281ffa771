/*
 * Trimtab: tells any training program that training is becoming unstable, why, and what cures it.
 *
 * This header and those it includes are the contract: what is not declared here is not part of the API.
 *
 * Conventions, for every function:
 *   - A fallible function returns a trimtab_status; 0 is success. trimtab_last_error() then has one precise sentence.
 *   - Parameters come in one order: handle, inputs, options, outputs. Outputs are written only on success.
 *   - NULL options mean the defaults. Option and report structs start with struct_size: initialise them with their
 *     _INIT macro.
 *   - Functions without a handle are reentrant. A handle is used by one thread at a time.
 *   - _destroy(NULL) does nothing. Handles may be destroyed in any order.
 *   - All memory handed in stays the caller's; nothing of it is kept after the call returns.
 *   - No input makes the library trap, print, or raise a signal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TRIMTAB_H
#define TRIMTAB_H

#include "trimtab/status.h"
#include "trimtab/tensor.h"
#include "trimtab/summary.h"
#include "trimtab/conditioning.h"
#include "trimtab/remedies.h"
#include "trimtab/neurons.h"
#include "trimtab/drift.h"
#include "trimtab/gradients.h"
#include "trimtab/smoothness.h"
#include "trimtab/detector.h"
#include "trimtab/monitor.h"
#include "trimtab/set_up.h"
#include "trimtab/trainer.h"
#include "trimtab/generative.h"
#include "trimtab/feature_scale.h"
#include "trimtab/overlap.h"
#include "trimtab/leakage.h"
#include "trimtab/objectives.h"
#include "trimtab/lab.h"
#include "trimtab/log_doctor.h"

#endif
