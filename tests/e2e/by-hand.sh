#!/usr/bin/env bash
# The steps of a device engineer, typed as they stand in the device contract: by-hand.sh PART [SERIAL]
# What a person is asked for is given by -subj. Works in the current folder, which holds root.cert.
set -euo pipefail
serial=${2:-}

case $1 in
  ca)
    openssl genrsa -out sampleCACertificate.key 2048
    openssl req -x509 -new -nodes -key sampleCACertificate.key -sha256 -days 365 -out sampleCACertificate.pem -subj "/CN=Sample CA $RANDOM"
    code=$(aws iot get-registration-code --query registrationCode --output text)
    openssl genrsa -out privateKeyVerification.key 2048
    openssl req -new -key privateKeyVerification.key -out privateKeyVerification.csr -subj "/CN=$code"
    openssl x509 -req -in privateKeyVerification.csr -CA sampleCACertificate.pem -CAkey sampleCACertificate.key -CAcreateserial -out privateKeyVerification.crt -days 365 -sha256
    id=$(aws iot register-ca-certificate --ca-certificate file://sampleCACertificate.pem --verification-certificate file://privateKeyVerification.crt --query certificateId --output text)
    echo "$id" >ca.id
    aws iot describe-ca-certificate --certificate-id "$id" --query 'certificateDescription.[status,autoRegistrationStatus]' --output text >ca.registered
    aws iot update-ca-certificate --certificate-id "$id" --new-status ACTIVE
    aws iot update-ca-certificate --certificate-id "$id" --new-auto-registration-status ENABLE
    ;;
  device)
    openssl genrsa -out deviceCert.key 2048
    openssl req -new -key deviceCert.key -out deviceCert.csr -subj "/CN=$serial"
    openssl x509 -req -in deviceCert.csr -CA sampleCACertificate.pem -CAkey sampleCACertificate.key -CAcreateserial -out deviceCert.crt -days 365 -sha256
    cat deviceCert.crt sampleCACertificate.pem >deviceCertAndCACert.crt
    ;;
  publish)
    mosquitto_pub --cafile root.cert --cert deviceCertAndCACert.crt --key deviceCert.key -h localhost -p "$E2E_MQTT_PORT" -q 1 -t "smartproduct/event/$serial" -i "$serial" --tls-version tlsv1.2 -m '{"type":"info","messageId":"1","message":"Hello"}' -d
    ;;
  signed)
    aws iot list-certificates-by-ca --ca-certificate-id "$(cat ca.id)" --query 'certificates[].certificateId' --output text
    ;;
  stop-ca)
    aws iot update-ca-certificate --certificate-id "$(cat ca.id)" --new-status INACTIVE
    ;;
  stop-device)
    aws iot update-certificate --certificate-id "$("$0" signed)" --new-status REVOKED
    ;;
esac
