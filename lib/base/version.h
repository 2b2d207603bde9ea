/*
 * version.h - the version of this library.
 */
#ifndef HF_BASE_VERSION_H
#define HF_BASE_VERSION_H

#define HF__VERSION        "0.1.0"
#define HF__VERSION_NUMBER 100u /* 10,000 * major + 100 * minor + patch; of 0.1.0 */

#endif
