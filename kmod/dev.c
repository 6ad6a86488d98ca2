// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ksecdd.
 *
 * Open to everybody: a handle is worth nothing outside the open file it belongs
 * to, and who may be authenticated is the helper's to say.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ksec.h"

DEFINE_MUTEX(ksec_files_lock);	/* protects ksec_files and ksec_file_serial */
LIST_HEAD(ksec_files);		/* in the order of f_serial */
static u64 ksec_file_serial;

/**
 * ksec_file_put() - give back a reference to an open file
 * @file: the open file; the last put forgets its user and frees it
 */
void ksec_file_put(struct ksec_file *file)
{
	if (!refcount_dec_and_test(&file->f_ref))
		return;
	ksec_user_put(file->f_user);
	kfree(file);
}

/**
 * ksec_file_create() - begin an open file, without handles
 * @uid: who pays for what will be in it
 *
 * Return: the file, to be ended by ksec_file_close(), or NULL without memory
 */
struct ksec_file *ksec_file_create(kuid_t uid)
{
	struct ksec_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return NULL;
	file->f_user = ksec_user_get(uid);
	if (!file->f_user) {
		kfree(file);
		return NULL;
	}
	refcount_set(&file->f_ref, 1);
	spin_lock_init(&file->f_lock);
	INIT_LIST_HEAD(&file->f_answers);
	xa_init_flags(&file->f_objects, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	ksec_stat_inc(KSEC_STAT_FILES);

	mutex_lock(&ksec_files_lock);
	file->f_serial = ++ksec_file_serial;
	list_add_tail(&file->f_node, &ksec_files);
	mutex_unlock(&ksec_files_lock);
	return file;
}

/**
 * ksec_file_close() - end an open file and all of its handles
 * @file: the open file, in which no call is at work any more
 */
void ksec_file_close(struct ksec_file *file)
{
	mutex_lock(&ksec_files_lock);
	list_del(&file->f_node);
	mutex_unlock(&ksec_files_lock);

	ksec_object_remove_all(file);
	ksec_answer_remove_all(file);
	ksec_stat_dec(KSEC_STAT_FILES);
	ksec_file_put(file);
}

static int ksec_dev_open(struct inode *inode, struct file *filp)
{
	filp->private_data = ksec_file_create(filp->f_cred->euid);
	return filp->private_data ? 0 : -ENOMEM;
}

static int ksec_dev_release(struct inode *inode, struct file *filp)
{
	ksec_file_close(filp->private_data);
	return 0;
}

static long ksec_dev_unlocked_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return ksec_dev_ioctl(filp->private_data, cmd, (void __user *)arg);
}

static const struct file_operations ksec_dev_fops = {
	.owner = THIS_MODULE,
	.open = ksec_dev_open,
	.release = ksec_dev_release,
	.unlocked_ioctl = ksec_dev_unlocked_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice ksec_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ksecdd",
	.fops = &ksec_dev_fops,
	.mode = 0666,
};

int ksec_dev_init(void)
{
	return misc_register(&ksec_dev);
}

void ksec_dev_exit(void)
{
	misc_deregister(&ksec_dev);
}
