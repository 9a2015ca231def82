#ifndef CKERNELS_H
#define CKERNELS_H
int mmk_version(void);
#endif
