import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

/** Where the content of files is kept, by keys that say nothing of what it is. */
export interface Storage {
  /** Takes over a file of this machine under a key. */
  keep(key: string, path: string, size: number): Promise<void>;
  read(key: string): Promise<Readable>;
  /** It is gone afterwards, whether it was there or not. */
  remove(key: string): Promise<void>;
}

/** Where an S3-compatible storage is. */
export interface Bucket {
  name: string;
  /** null: that of Amazon for the region. */
  endpoint: string | null;
  region: string;
  /** null: as the AWS SDK finds them by itself, such as by the role of the machine. */
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
}

/** A folder of this machine, which every process of an installation has to share. */
export class FolderStorage implements Storage {
  constructor(private readonly folder: string) {}

  async keep(key: string, path: string): Promise<void> {
    const target = join(this.folder, key);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(path, target);
  }

  async read(key: string): Promise<Readable> {
    const stream = createReadStream(join(this.folder, key));
    await new Promise((opened, failed) => stream.once('open', opened).once('error', failed));
    return stream;
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.folder, key), { force: true });
  }
}

/** A bucket of an S3-compatible storage. The SDK is read by whoever first needs it. */
export class BucketStorage implements Storage {
  private connecting: Promise<{ client: S3Client; sdk: typeof import('@aws-sdk/client-s3') }> | null = null;

  constructor(private readonly bucket: Bucket) {}

  private connected() {
    const { endpoint, region, credentials } = this.bucket;
    return (this.connecting ??= import('@aws-sdk/client-s3').then((sdk) => ({
      sdk,
      client: new sdk.S3Client({
        region,
        // Others than Amazon seldom have a name for each bucket, and not all know its newer checksums.
        ...(endpoint !== null && { endpoint, forcePathStyle: true }),
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        ...(credentials && { credentials }),
      }),
    })));
  }

  async keep(key: string, path: string, size: number): Promise<void> {
    const { client, sdk } = await this.connected();
    await client.send(new sdk.PutObjectCommand({ Bucket: this.bucket.name, Key: key, Body: createReadStream(path), ContentLength: size }));
    await rm(path);
  }

  async read(key: string): Promise<Readable> {
    const { client, sdk } = await this.connected();
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: this.bucket.name, Key: key }));
    return Body as Readable;
  }

  async remove(key: string): Promise<void> {
    const { client, sdk } = await this.connected();
    await client.send(new sdk.DeleteObjectCommand({ Bucket: this.bucket.name, Key: key }));
  }
}
